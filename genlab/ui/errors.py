"""What errors and status files say, in this session's language.

Errors are raised in English, which is what the command line shows and what status files keep. Their Chinese stands in
``i18n/zh/of_errors.toml``, by the English sentence with ``{0}``, ``{1}``... where the source puts something in.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from genlab.errors import GenlabError
from genlab.paths import root
from genlab.settings import settings
from genlab.ui.i18n import OWN_WORDS, catalogue, language

log = logging.getLogger("genlab.ui")

SENTENCES: Final = f"{OWN_WORDS}errors."
CURVES: Final = f"{OWN_WORDS}curves."
"""An error may name a curve, such as the loss that stopped being a number."""
JOINTS: Final = {". ": (".", ""), "; ": ("", "；")}
"""What joins sentences to a message, what of it belongs to the first of them, and what joins their Chinese."""
LONGEST: Final = 600
"""Signs of what is looked at for several sentences: a library's list of hundreds of tensors is not."""
SEAM: Final = "\0"
IDEOGRAPHS: Final = "\u4e00-\u9fff"
HOLE: Final = re.compile(r"(\{\d+\})")


class ToldError(GenlabError):
    """An error whose message is in the session's language already."""


def said(error: GenlabError | str, to: str | None = None) -> str:
    """What an error says, or what a status file keeps of one, in this session's language, or in another one.

    Where no Chinese is known, as for an error of a library within the message, that part stays English.
    """
    message = _without_homes(str(error))
    to = to or language()
    if to == "en" or isinstance(error, ToldError) or not message:
        return message
    return _whole(to, message)


def _without_homes(message: str) -> str:
    """A message without the folders of visitors' homes: it may be of a run that somebody shares."""
    if settings().mode == "single":
        return message
    return re.sub(rf"{re.escape(str(root()) + os.sep)}(visitors.[0-9a-f]{{32}}.)?", "", message)


@lru_cache(maxsize=1024)
def _whole(to: str, message: str) -> str:
    left, words = _reading(to, message)
    if left == len(message):
        log.warning("This has no words in %s: %s", to, message)
    return words


@lru_cache(maxsize=4096)
def _reading(to: str, text: str) -> tuple[int, str]:
    """`text` in another language, and how many of its signs stay as they are: the fewest that can be."""
    return min(_readings(to, text), key=lambda reading: reading[0])


def _readings(to: str, text: str) -> Iterator[tuple[int, str]]:
    """The ways to read a text: as a sentence of the catalogue, as several sentences, and as none."""
    for pattern, words in _patterns(to):
        if match := pattern.fullmatch(text):
            parts = [_reading(to, part) for part in match.groups()]
            yield sum(left for left, _ in parts), _filled(words, [part for _, part in parts])
    for joint, (end, joined) in JOINTS.items() if len(text) <= LONGEST else ():
        for match in re.finditer(re.escape(joint), text):
            before, after = text[: match.start()] + end, text[match.end() :]
            (left, first), (more, second) = _reading(to, before), _reading(to, after)
            if left < len(before) and more < len(after):
                yield left + more, first + joined + second
    yield len(text), text


def _filled(words: str, parts: list[str]) -> str:
    """`words` with their placeholders filled: no space beside what is Chinese, and no sentence's stop twice."""
    told = words.format(*(f"{SEAM}{part}{SEAM}" for part in parts))
    told = re.sub(f" {SEAM}(?=[{IDEOGRAPHS}])|(?<=[{IDEOGRAPHS}]){SEAM} ", "", told).replace(SEAM, "")
    return told.replace("。。", "。")


@cache
def _patterns(to: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each sentence as an expression that finds what was put into it, and its words; the most particular first."""
    known = sorted(_templates(to), key=lambda entry: -len(HOLE.sub("", entry[0])))
    return tuple((_pattern(template), words) for template, words in known)


def _templates(to: str) -> Iterator[tuple[str, str]]:
    for key, words in catalogue(to).items():
        if key.startswith(SENTENCES):
            yield key.removeprefix(SENTENCES), words
        elif key.startswith(CURVES):
            yield key.removeprefix(CURVES).replace("_", " "), words


def _pattern(template: str) -> re.Pattern[str]:
    parts = ("(.*?)" if HOLE.fullmatch(part) else re.escape(part) for part in HOLE.split(template))
    return re.compile("".join(parts), re.DOTALL)
