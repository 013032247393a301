"""The pages there are, in the order of the menu."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import streamlit as st

from genlab.ui.i18n import t

PAGES_DIR: Final = Path(__file__).parents[2] / "pages"


class Entry(NamedTuple):
    """A page: its key is the name of its file, of its path in the address bar and of its texts."""

    key: str
    icon: str

    @property
    def path(self) -> Path:
        return PAGES_DIR / f"{self.key}.py"


ENTRIES: Final = (
    Entry("overview", ":material/home:"),
    Entry("train", ":material/play_circle:"),
    Entry("samples", ":material/grid_view:"),
    Entry("latent", ":material/bubble_chart:"),
    Entry("replay", ":material/history:"),
    Entry("models", ":material/leaderboard:"),
    Entry("compare", ":material/compare_arrows:"),
    Entry("market", ":material/storefront:"),
)


def route() -> st.Page:
    """Register the pages there are, and return the one that the address asks for.

    Streamlit's own menu stays hidden: the icon of a page in it would also be fetched from a server outside,
    as the icon of the browser's tab.
    """
    pages = [
        st.Page(entry.path, title=t(f"nav.{entry.key}"), icon="", default=entry.key == "overview")
        for entry in present()
    ]
    return st.navigation(pages, position="hidden")


def key_of(page: st.Page) -> str:
    """The key of a page that :func:`route` returned; the default page's path is empty."""
    return page.url_path or ENTRIES[0].key


def menu() -> None:
    """The links to all pages."""
    for entry in present():
        st.page_link(entry.path, label=t(f"nav.{entry.key}"), icon=entry.icon, query_params=_language_query())


def present() -> list[Entry]:
    """The entries whose page is there."""
    return [entry for entry in ENTRIES if entry.path.exists()]


def has(key: str) -> bool:
    """Whether a page is there to be linked to."""
    return any(entry.key == key for entry in present())


def link(key: str, label: str | None = None, *, icon: str | None = None, **query: str) -> None:
    """A link to another page, carrying the language and `query` along in the address.

    Parameters
    ----------
    label
        What it says; the page's title by default.
    query
        Query-string values, such as ``run="00012-mnist-dcgan"``.
    """
    entry = next(entry for entry in ENTRIES if entry.key == key)
    st.page_link(
        entry.path,
        label=label or t(f"nav.{key}"),
        icon=icon or entry.icon,
        query_params={**_language_query(), **query},
    )


def go(key: str, **query: str) -> None:
    """Leave for another page at once, carrying the language and `query` along; does not return."""
    entry = next(entry for entry in ENTRIES if entry.key == key)
    st.switch_page(entry.path, query_params={**_language_query(), **query})


def _language_query() -> dict[str, str]:
    chosen = st.query_params.get("lang")
    return {"lang": chosen} if chosen else {}
