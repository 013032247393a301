"""The claims in one figure: on a balance, counted in a matrix, or the families of models that they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape as escape_html
from typing import Final

import streamlit as st

from genlab.market import Claim, balance, claims, select, topics
from genlab.market.claims import KINDS, SIDES, VERDICTS, Side
from genlab.ui import links
from genlab.ui.i18n import language, t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.market import entry, families

FIGURES: Final = ("balance", "matrix", "families")
SPANS: Final = {"topic-verdict": ("topic", "verdict"), "side-kind": ("side", "kind"), "topic-kind": ("topic", "kind")}
"""What a matrix may be counted by: fields of a claim, which are filters of the address too."""
MATRIX: Final = "market_matrix"
BALANCE: Final = "market_balance"


def draw(kept: Sequence[Claim], loosened: Callable[[Iterable[str]], Sequence[Claim]]) -> None:
    """The figure that the address asks for.

    Parameters
    ----------
    kept
        The claims that the filters let through.
    loosened
        Gives those that they let through without some of them.
    """
    shown = links.select(
        t("market_claims.figure"), FIGURES, param="figure", default=FIGURES[0], horizontal=True, label_visible=False,
        text=lambda key: t(f"market_claims.figures.{key}"),
    )  # fmt: skip
    if shown == "families":
        families.draw()
    elif shown == "matrix":
        _matrix(loosened)
    else:
        _balance(kept)


def _titles(field: str) -> Mapping[str, str]:
    """The keys of a field with their titles, in their order."""
    named: dict[str, Callable[[], dict[str, str]]] = {
        "topic": lambda: {key: topic.title[language()] for key, topic in topics().items()},
        "verdict": lambda: {key: t(f"market.verdicts.{key}") for key in VERDICTS},
        "side": lambda: {key: t(f"market_claims.sides.{key}") for key in SIDES},
        "kind": lambda: {key: t(f"market_claims.kinds.{key}") for key in KINDS},
    }
    return named[field]()


def _matrix(loosened: Callable[[Iterable[str]], Sequence[Claim]]) -> None:
    from genlab.plots.matrix import APART, matrix
    from genlab.plots.ratings import wrapped

    span = links.select(
        t("market_claims.span"), list(SPANS), param="span", default=next(iter(SPANS)), horizontal=True,
        text=lambda key: " × ".join(t(SPAN_TITLES[field]) for field in SPANS[key]),
    )  # fmt: skip
    row, column = SPANS[span]
    rows, columns = _titles(row), _titles(column)

    def opened() -> None:
        keys = (entry.picked(st.session_state[MATRIX].selection.points) or "").split(APART)
        if len(keys) == 2 and keys[0] in rows and keys[1] in columns:
            links.put(row, keys[0])
            links.put(column, keys[1])
            links.put("page", None)

    counts = Counter((str(getattr(claim, row)), str(getattr(claim, column))) for claim in loosened((row, column)))
    titles = {key: wrapped(title) for key, title in columns.items()}
    st.plotly_chart(
        matrix(rows, titles, counts, (links.get(row), links.get(column)), dark=is_dark()), key=MATRIX, theme=None,
        config=entry.CHART, on_select=opened, selection_mode="points", alt=t("market_claims.figures.matrix"),
    )  # fmt: skip
    st.caption(t("market_claims.matrix_note"))


SPAN_TITLES: Final = {
    "topic": "market_claims.topic",
    "verdict": "market.verdict",
    "side": "market_claims.side",
    "kind": "market_claims.kind",
}


def _balance(kept: Sequence[Claim]) -> None:
    from genlab.plots.balance import Balance, Weighed, balance_figure

    weighed = [verdict for verdict in VERDICTS if verdict != "wrong"]

    def lying(side: Side) -> list[list[Weighed]]:
        return [
            [Weighed(one.key, escape_html(one.text[language()])) for one in select(kept, side=side, verdict=verdict)]
            for verdict in weighed
        ]

    def opened() -> None:
        key = entry.picked(st.session_state[BALANCE].selection.points)
        if key in claims():
            links.put(entry.PARAM, key)

    drawn = Balance(
        names=[t(f"market.verdicts.{verdict}") for verdict in weighed],
        left=lying("bubble"),
        right=lying("mine"),
        sides=(t("market_claims.sides.bubble"), t("market_claims.sides.mine")),
        axis=t("market_claims.axis"),
    )
    st.subheader(t("market_claims.balance"), anchor=False)
    if any((*drawn.left, *drawn.right)):
        st.plotly_chart(
            balance_figure(drawn, dark=is_dark()), key=BALANCE, theme=None, config=entry.CHART, on_select=opened,
            selection_mode="points", alt=t("market_claims.balance"),
        )  # fmt: skip
    else:
        st.info(t("market_claims.balance_empty"), icon=":material/balance:")
    found = balance(kept)
    wrong = sum(found[side]["wrong"] for side in SIDES)
    st.caption(t("market_claims.balance_note", wrong=wrong, neither=sum(found["neither"].values())))
