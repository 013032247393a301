"""The headings of the five documents, as they stand in the files beside the repository."""

import re
from pathlib import Path

OPENING = re.compile(r"^\s*```\w+\s*$")
HEADING = re.compile(r"(?:^#|(?<!#)#{2,5}) ?([^#\s].*)$")
NUMBER = re.compile(r"^(\d+(?:\.\d+)*)\.? +(.+)$")
CHAPTERS = {"000": 2, "001": 3, "002": 2, "003": 3, "004": 2}
"""The level of the headings of chapters."""
UNNUMBERED = "001"
"""Whose chapters bear no numbers."""


def folder() -> Path | None:
    """Where the documents are, whether this is the repository or a worktree of it; None where they are not."""
    above = Path(__file__).resolve().parents
    return next((path for parent in above if (path := parent / "shared" / "seeds").is_dir()), None)


def headings(folder: Path) -> dict[str, str]:
    """Heading by key, such as ``"000/3.2"``.

    What stands before the first chapter is in chapter 0; what bears no number gets the next one. A number that
    comes again is of another printing, which a letter tells: ``"003/3.2b"`` and ``"003/7c"``.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.txt")):
        document = path.name[:3]
        numbers: list[str] = []
        for depth, text in _outline(path.read_text("utf-8"), CHAPTERS[document]):
            given = NUMBER.match(text)
            own, title = (given[1], given[2]) if given else ("", text)
            numbers.append(_number(depth, own, numbers, document == UNNUMBERED))
            keys = [f"{document}/{numbers[-1]}{printing}" for printing in ("", "b", "c")]
            found[next(key for key in keys if key not in found)] = title.strip()
    return found


def _outline(text: str, chapters: int) -> list[tuple[int, str]]:
    """Depth (1 for a chapter) and text of each heading outside of code, also where it is glued to a line's end."""
    result, in_code = [], False
    for line in text.splitlines():
        if in_code:
            in_code = line.strip() != "```"
            continue
        in_code = bool(OPENING.match(line))
        if heading := HEADING.search(line):
            hashes = heading[0].count("#", 0, len(heading[0]) - len(heading[1]))
            result.append((hashes - chapters + 1, heading[1]))
    return result


def _number(depth: int, own: str, before: list[str], unnumbered: bool) -> str:
    chapter = before[-1].split(".")[0] if before else "0"
    if depth < 1 or (depth == 1 and not own and not unnumbered):
        return f"0.{1 + sum(number.startswith('0.') for number in before)}"
    if depth == 1:
        return own or str(int(chapter) + 1)
    above = before[-1].split(".")[: depth - 1]
    if own.count(".") == depth - 1:
        return own
    beside = [number for number in before if number.split(".")[:-1] == above]
    return ".".join([*above, own.rpartition(".")[2] or str(len(beside) + 1)])
