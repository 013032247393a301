"""The canvas map on a page of its own, without Streamlit: for tests and timings of what the browser does alone."""

import base64
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from genlab.plots.palette import style
from genlab.ui.latent.address import USUAL
from genlab.ui.latent.canvas import ASSETS, MORE_WORDS, WORDS, described_scale, source
from genlab.ui.latent.colour import Scale
from genlab.ui.latent.overlay import Overlay, packed
from genlab.ui.latent.packing import pack, pack_colours, pack_pictures

LIGHT = ("#ffffff", "#1c2230", "#dde2ec", "#f3f5f9")
DARK = ("#12151c", "#e8ebf2", "#303747", "#1d222d")
MOUNT = """async ([script, bytes, data]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: mount } = await import(url);
  const parentElement = document.querySelector("#root");
  window.sent = [];
  const setTriggerValue = (name, value) => window.sent.push([name, value]);
  window.tell = (changes) => mount({ data: Object.assign(data, changes), parentElement, setTriggerValue });
  window.tell({});
  for (const one of bytes) mount({ data: Uint8Array.from(atob(one), (sign) => sign.charCodeAt(0)), parentElement });
}"""


def mounted(
    chromium: Browser,
    coords: NDArray[np.float32],
    group: NDArray[np.uint16],
    images: NDArray[np.uint8],
    *,
    chosen: Sequence[int] = (),
    scale: Scale | None = None,
    overlay: Overlay = Overlay(),  # noqa: B008  # frozen
    neighbours: NDArray[np.int32] | None = None,
    look: str | None = None,
    hides: Sequence[int] = (),
    dark: bool = False,
    touch: bool = False,
) -> Page:
    """A page that shows a map of these points, drawn, with its pictures decoded.

    What the map sends to Python is in ``window.sent``, as pairs of name and value; ``window.tell({...})`` is a rerun
    that changes what Python says. Groups are called "class 0" and so on; words are their own keys.
    """
    described = []
    for i in range(int(group.max()) + 1):
        colour, mark = style(i)
        count = int((group == i).sum())
        described.append({"name": f"class {i}", "colour": colour, "mark": mark, "open": False, "count": count})
    data: dict[str, Any] = {
        "key": "k", "home": "k", "layer": "class", "groups": described,
        "scale": described_scale(scale) if scale else None, "hides": list(hides),
        "axes": ["across", "up"], "language": "en", "chosen": list(chosen), "marked": [],
        "overlay": packed(overlay), "param": "view", "look": look, "shows": list(USUAL), "linked": None,
        "about": {"file": "map", "title": "A map", "points": "of points", "figures": "n 5"},
        "words": {word: word for word in (*WORDS, *MORE_WORDS, "point", "alt", "density")},
    }  # fmt: skip
    painted = pack_colours("k", "class", group, scale.values if scale else None)
    blobs = [pack("k", coords, images, "a", neighbours), painted, pack_pictures("a", images)]
    css, html = ((ASSETS / f"map.{kind}").read_text("utf-8") for kind in ("css", "html"))
    page = chromium.new_page(viewport={"width": 900, "height": 800}, has_touch=touch)
    page.set_content(f"<style>{_theme(dark)}{css}</style><div id='root'>{html}</div>")
    page.evaluate(MOUNT, [source(), [base64.b64encode(blob).decode() for blob in blobs], data])
    page.locator(".stage[data-ready]").wait_for()
    return page


def _theme(dark: bool) -> str:
    page, text, border, second = DARK if dark else LIGHT
    return (
        f":root {{ --st-background-color: {page}; --st-text-color: {text}; --st-border-color: {border}; "
        f"--st-secondary-background-color: {second}; --st-primary-color: #3355d6; --st-font: sans-serif }}"
    )
