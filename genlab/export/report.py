"""A report as one HTML file: it opens anywhere, without a network, and asks no server for anything.

Its charts are SVG and its pictures lie in it, so that it needs no script; its own policy forbids requests and scripts
to whatever might come to stand in it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 'Source Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif;
  max-width: 1200px; margin: 0 auto; padding: 1.5rem 1rem 4rem; background: #fff; color: #1c2230; }
h1 { margin: 0; } h2 { margin: 2.2rem 0 .6rem; } p { max-width: 60rem; } .lead { opacity: .7; margin-top: .3rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid #8886; white-space: nowrap; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 1.5rem; }
.grid.small { grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
figure { margin: 0; min-width: 0; } figcaption { font-size: .85rem; overflow-wrap: anywhere; }
figure svg, figure img { width: 100%; display: block; } img { image-rendering: pixelated; border-radius: 6px; }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; list-style: none; padding: 0; }
pre { overflow-x: auto; background: #8881; padding: .8rem; border-radius: 6px; font-size: .85rem; }
@media screen and (prefers-color-scheme: dark) { body { background: #12151c; color: #e8ebf2; } }
@media print {
  :root { color-scheme: light; font-size: 10.5px; }
  @page { size: A4; margin: 12mm; }
  body { font-size: 1rem; padding: 0; } h2 { margin: 1.2rem 0 .3rem; break-after: avoid; } p { margin: .3rem 0; }
  .wide { overflow: visible; } th, td { white-space: normal; padding: .2rem .5rem; }
  .grid { grid-template-columns: repeat(auto-fill, 250px); } figure, tr { break-inside: avoid; }
}
"""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Key:
    """Which line and mark is which: a piece of SVG and a name each."""

    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table of texts, as many a row as in its head."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Charts:
    """Charts side by side: functions that draw whole ``<svg>`` elements, which are written as they are."""

    drawings: Sequence[Callable[[], str]]


@dataclass(frozen=True)
class Pictures:
    """PNG files side by side, each with what is written below it.

    Attributes
    ----------
    missing
        What stands in place of a picture that is None, or that cannot be read.
    """

    shown: Sequence[tuple[Path | None, str]]
    missing: str


@dataclass(frozen=True)
class Folded:
    """Something to unfold: a line, and a text in letters of one width."""

    title: str
    text: str


Block = Text | Key | Table | Charts | Pictures | Folded


@dataclass(frozen=True)
class Section:
    """A part of a report, with its heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Report:
    """What a report says. All texts are plain: they are escaped as they are written.

    Attributes
    ----------
    language
        As browsers name it, such as ``"en"`` or ``"zh-CN"``.
    lead
        One line below the title.
    """

    language: str
    title: str
    lead: str
    sections: Sequence[Section]


def html_bytes(report: Report) -> bytes:
    """The report as a file; charts are drawn and pictures are read at this moment."""
    sections = "".join(
        f"<section><h2>{escape(section.title)}</h2>{''.join(map(_block, section.blocks))}</section>"
        for section in report.sections
    )
    page = (
        f'<!doctype html>\n<html lang="{escape(report.language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{STYLE}</style></head><body>"
        f'<h1>{escape(report.title)}</h1><p class="lead">{escape(report.lead)}</p>{sections}</body></html>\n'
    )
    return page.encode()


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return f"<p>{escape(text)}</p>"
        case Key(entries):
            items = "".join(f"<li>{swatch} {escape(name)}</li>" for swatch, name in entries)
            return f'<ul class="key">{items}</ul>'
        case Table(head, rows):
            return _table(head, rows)
        case Charts(drawings):
            return _grid("grid", [f"<figure>{draw()}</figure>" for draw in drawings])
        case Pictures(shown, missing):
            return _grid("grid small", [_picture(path, told, missing) for path, told in shown])
        case Folded(title, text):
            return f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _grid(kind: str, figures: Sequence[str]) -> str:
    return f'<div class="{kind}">{"".join(figures)}</div>'


def _picture(path: Path | None, told: str, missing: str) -> str:
    caption = f"<figcaption>{escape(told)}</figcaption>"
    try:
        data = path.read_bytes() if path is not None else b""
    except OSError:  # thinned out or deleted since the page was drawn
        data = b""
    if not data:
        return f"<figure><p>{escape(missing)}</p>{caption}</figure>"
    source = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    return f'<figure><img alt="{escape(told)}" src="{source}">{caption}</figure>'
