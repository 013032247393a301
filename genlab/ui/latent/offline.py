"""A map as one HTML file: the same script as on the page, with its points and pictures, and nothing from anywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from html import escape
from typing import Final

from genlab.ui.latent.canvas import ASSETS, source

POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""The file may run what is in it, and ask nobody for anything."""
STARTER: Final = """
const parentElement = document.querySelector("#root");
const read = (id) => document.getElementById(id).textContent;
const data = JSON.parse(read("told"));
const setTriggerValue = (name) => name === "cleared" && show({ chosen: [] });
const show = (changes) => mount({ data: Object.assign(data, changes), parentElement, setTriggerValue });
show({});
for (const { textContent } of document.querySelectorAll(".bytes")) {
  mount({ data: Uint8Array.from(atob(textContent), (sign) => sign.charCodeAt(0)), parentElement });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show({}));
"""


def page(title: str, paragraphs: Sequence[str], language: str, told: object, blobs: Sequence[bytes]) -> bytes:
    """The file.

    Parameters
    ----------
    title, paragraphs
        What stands above the map, as plain text.
    language
        Code of the language of all that, such as ``"en"``.
    told
        What :func:`genlab.ui.latent.canvas.described` says of the map.
    blobs
        Points and colours, as :mod:`genlab.ui.latent.packing` packs them.
    """
    css = "".join((ASSETS / name).read_text("utf-8") for name in ("map.css", "page.css"))
    html = (ASSETS / "map.html").read_text("utf-8")
    words = json.dumps(told).replace("<", "\\u003c")  # so that no name of a class ends the script
    bytes_ = "".join(
        f'<script type="text/plain" class="bytes">{base64.b64encode(blob).decode()}</script>' for blob in blobs
    )
    above = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{css}</style></head>'
        f'<body><h1>{escape(title)}</h1>{above}<div id="root">{html}</div>'
        f'<script type="application/json" id="told">{words}</script>{bytes_}'
        f'<script type="module">{source()}{STARTER}</script></body></html>\n'
    ).encode()
