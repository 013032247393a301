"""Pictures of a map side by side, on paper of the page's colour, and what takes one away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import words
from genlab.ui.i18n import t

DARK_PAPER: Final = 0x15
"""The grey nearest to a dark page."""
SHEET_SIDE: Final = 1_024
FEWEST: Final = 6


def is_dark() -> bool:
    """Whether the visitor looks at a dark page."""
    return st.context.theme.type == "dark"


def sheet(images: NDArray[np.uint8], columns: int | None = None) -> NDArray[np.uint8]:
    """Pictures in rows, with a hair of space between; by itself at least six a row, so that few stay small."""
    from genlab.data.grid import columns_for, fit_scale, tile

    columns = columns or max(FEWEST, columns_for(len(images)))
    scale = fit_scale(images.shape[2], images.shape[3] * columns, SHEET_SIDE, most=4)
    return tile(images, columns, scale=scale, gap=scale, paper=DARK_PAPER if is_dark() else 255, full=True)


def enlarged(image: NDArray[np.uint8], side: int = 448) -> NDArray[np.uint8]:
    """One picture (C, H, W), grey (H, W) or colour (H, W, 3), with whole pixels as large as fit `side`."""
    from genlab.data.grid import fit_scale, tile

    return tile(image[None], scale=fit_scale(image.shape[1], image.shape[2], side, most=side))


def show(image: NDArray[np.uint8], alt: str) -> None:
    """One picture (C, H, W) as wide as there is room, in the page itself: pages that move on quickly keep it."""
    st.html(_in_page(image, alt))


def beside(pictures: Sequence[tuple[str, NDArray[np.uint8] | None]], *, large: bool = False, blank: str = "") -> None:
    """Pictures (C, H, W) with their names, side by side on any screen.

    Parameters
    ----------
    large
        Whether the last one is twice as wide as the others.
    blank
        What stands in the place of one that is not there.
    """
    figures = []
    for i, (name, image) in enumerate(pictures):
        kind = ' class="gl-large"' if large and i == len(pictures) - 1 else ""
        shown = f'<div class="gl-blank">{escape(blank)}</div>' if image is None else _in_page(image, name)
        figures.append(f"<figure{kind}><figcaption>{escape(name)}</figcaption>{shown}</figure>")
    st.html(f'<div class="gl-row">{"".join(figures)}</div>')


def _in_page(image: NDArray[np.uint8], alt: str) -> str:
    from genlab.data.grid import png_bytes, tile

    return words.picture(png_bytes(tile(image[None])), alt)


def downloads(
    name: str, picture: NDArray[np.uint8], z: NDArray[np.float32], about: Mapping[str, Any], key: str
) -> None:
    """Two buttons that take one decoded picture (C, H, W) away, and its latent (L,) with what is told about it."""
    from genlab.data.grid import png_bytes
    from genlab.export import latent_bytes

    st.download_button(
        t("latent_own.png"), data=lambda: png_bytes(enlarged(picture)), file_name=f"{name}.png", mime="image/png",
        icon=":material/download:", on_click="ignore", key=f"{key}_png",
    )  # fmt: skip
    st.download_button(
        t("latent_own.npz"), data=lambda: latent_bytes(z[None], picture[None], dict(about)), file_name=f"{name}.npz",
        mime="application/octet-stream", icon=":material/download:", on_click="ignore", key=f"{key}_npz",
    )  # fmt: skip
