"""The words of the dashboard, in English and Chinese.

One TOML file per page and language: the key ``start`` of ``i18n/en/train.toml`` is asked for as
``t("train.start")``, a key in a table ``[state]`` as ``t("train.state.running")``. Texts may hold
``{placeholders}``. Both languages have the same keys and placeholders, which a test holds.

What models, presets and data sets say about themselves is English and stands in their own files. Its
Chinese stands in ``i18n/zh/of_models/vae.toml``, ``i18n/zh/of_data.toml`` and the like, which English
therefore lacks: see :func:`own_words`. So is what errors say, in ``i18n/zh/of_errors.toml``: see
:mod:`genlab.ui.errors`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

LANGUAGES: Final = {"en": "English", "zh": "中文"}
"""Language codes as they stand in ``?lang=``, and their own names."""

SESSION_KEY: Final = "_language"
"""Session key of the language in use."""
CHOSEN: Final = "_language_chosen"
"""Session key of the language that the user chose, where one was."""
FOLDER: Final = Path(__file__).parent
OWN_WORDS: Final = "of_"


class MissingTextError(LookupError):
    """A page asked for a text that no catalogue holds: a fault of the program."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of a language, by their full keys."""
    texts: dict[str, str] = {}
    folder = FOLDER / language
    for path in sorted(folder.rglob("*.toml")):
        prefix = ".".join(path.relative_to(folder).with_suffix("").parts)
        texts.update(_flat(prefix, tomllib.loads(path.read_text("utf-8"))))
    return texts


def _flat(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", str(value)


def translate(language: str, key: str, **values: object) -> str:
    """The text `key` in `language`, its placeholders filled.

    Raises
    ------
    MissingTextError
        The catalogue has no such key, or a placeholder got no value.
    """
    try:
        text = catalogue(language)[key]
        return text.format(**values) if values else text
    except KeyError as error:
        raise MissingTextError(f"{language}: {key!r} lacks {error}") from None


def language() -> str:
    """The language of this session: one of :data:`LANGUAGES`."""
    chosen = st.session_state.get(SESSION_KEY)
    return chosen if chosen in LANGUAGES else "en"


def t(key: str, **values: object) -> str:
    """The text `key` in this session's language; see :func:`translate`."""
    return translate(language(), key, **values)


def own_words(kind: str, key: str, english: str) -> str:
    """What a model, an option, a preset or a data set says about itself, in this session's language.

    Parameters
    ----------
    kind
        ``"models"``, ``"data"`` or ``"curves"``.
    key
        Which text of that catalogue.
    english
        The English original. It is also what a Chinese page shows for something that is not part of
        genlab, such as a data set of one's own.
    """
    if language() == "en":
        return english
    return catalogue(language()).get(f"{OWN_WORDS}{kind}.{key}", english)
