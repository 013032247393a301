"""What to read and to use: the documents' lists, mended."""

from __future__ import annotations

from typing import Final

import streamlit as st

from genlab.market.cases import terms
from genlab.market.resources import KINDS, Resource, Standing, resources
from genlab.ui.i18n import language, t
from genlab.ui.market import entry
from genlab.ui.shell import escape

COLOURS: Final[dict[Standing, str]] = {"right": "green", "mended": "orange", "missing": "red", "added": "blue"}


def draw() -> None:
    """The section."""
    key = entry.asked(resources())
    if key is not None:
        entry.back()
        with st.container(border=True):
            st.markdown(f"{_badge(resources()[key])} **{escape(resources()[key].name[language()])}**")
            _resource(resources()[key])
        return
    st.caption(t("market_reading.lead"))
    for kind in KINDS:
        st.subheader(terms()["resource"][kind][language()], anchor=f"resources-{kind}")
        for resource in resources().values():
            if resource.kind == kind:
                told = f"{_badge(resource)} {escape(resource.name[language()])}"
                with st.expander(told, key=f"resource_{resource.key}"):
                    _resource(resource)
                    entry.permalink("resources", resource.key)


def _badge(resource: Resource) -> str:
    return f":{COLOURS[resource.standing]}-badge[{escape(terms()['standing'][resource.standing][language()])}]"


def _resource(resource: Resource) -> None:
    st.markdown(escape(resource.text[language()]))
    entry.lab(resource.lab)
    entry.sources(resource.references)
    entry.told_in(resource.sections)
