"""The report: one file that needs nothing else, says what it was given letter by letter, and runs nothing."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from genlab.data.grid import png_bytes
from genlab.export.report import Charts, Folded, Key, Pictures, Report, Section, Table, Text, html_bytes

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"
VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """The elements and the text of a page, and whether every element that opens closes in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(*blocks: object, title: str = "title", language: str = "en") -> str:
    return html_bytes(Report(language, title, "lead", [Section("part", blocks)])).decode()


def test_every_block_is_written():
    drawn = page(
        Text("a paragraph"), Table(["one", "two"], [["1", "2"], ["3", "4"]]), Folded("open me", '{"a": 1}'),
        Charts([lambda: "<svg><path/></svg>"]), Key([("<svg></svg>", "first run")]),
    )  # fmt: skip
    found = Reader(drawn)
    assert drawn.startswith("<!doctype html>")
    tags = [tag for tag, _ in found.elements]
    assert tags.count("svg") == 2
    assert tags.count("th") == 2
    assert tags.count("td") == 4
    for text in ("title", "lead", "part", "a paragraph", "open me", '{"a": 1}', "first run"):
        assert text in found.text


def test_pictures_lie_in_the_page_byte_for_byte(tmp_path: Path):
    path = tmp_path / "1.png"
    path.write_bytes(png_bytes(np.arange(64, dtype=np.uint8).reshape(8, 8)))
    found = Reader(page(Pictures([(path, "at step 1")], "gone")))
    (image,) = [attributes for tag, attributes in found.elements if tag == "img"]
    assert image["alt"] == "at step 1"
    head, _, data = str(image["src"]).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == path.read_bytes()
    assert "gone" not in found.text


def test_a_picture_that_is_not_there_is_told(tmp_path: Path):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    paths = [None, tmp_path / "deleted.png", tmp_path / "folder.png", tmp_path / "empty.png"]
    found = Reader(page(Pictures([(path, "run") for path in paths], "no such picture")))
    assert "img" not in [tag for tag, _ in found.elements]
    assert found.text.count("no such picture") == len(paths)


def test_nothing_that_is_said_becomes_markup():
    blocks = (
        Text(HOSTILE), Table([HOSTILE], [[HOSTILE]]), Folded(HOSTILE, HOSTILE), Key([("", HOSTILE)]),
        Pictures([(None, HOSTILE)], HOSTILE),
    )  # fmt: skip
    report = Report(HOSTILE, HOSTILE, HOSTILE, [Section(HOSTILE, blocks)])
    found = Reader(html_bytes(report).decode())
    assert not {"script", "img"} & {tag for tag, _ in found.elements}
    assert found.text.count(HOSTILE) == 12
    assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)


def test_it_asks_nobody_for_anything():
    drawn = page(Text("x"))
    assert not re.search(r"https?:|//|url\(|@import|<link|<script", drawn)
    (policy,) = [
        attributes["content"] for tag, attributes in Reader(drawn).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]  # fmt: skip
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_it_names_its_language_and_its_signs(language: str):
    drawn = html_bytes(Report(language, "对比", "", []))
    found = Reader(drawn.decode("utf-8")).elements
    assert ("html", {"lang": language}) in found
    assert ("meta", {"charset": "utf-8"}) in found
