"""Reading the TOML files of the commentary, with the checks that entries of every kind share.

What is wrong in the data is a fault of this package, so that every check ends in a ValueError that names the entry.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
LANGUAGES = ("en", "zh")
HAN = re.compile(r"[\u4e00-\u9fff]")
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Text = Mapping[str, str]
"""One text by language code, ``"en"`` and ``"zh"``."""


def read(name: str) -> dict[str, Any]:
    """The tables of ``data/<name>.toml``, by key."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def entries(folder: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """File name, key and fields of each entry in ``data/<folder>/``, in the order of the files' names."""
    seen: set[str] = set()
    for path in sorted((DATA / folder).glob("*.toml")):
        for key, fields in read(f"{folder}/{path.stem}").items():
            if key in seen or not KEY.fullmatch(key):
                raise ValueError(f"{path.name} has a key that comes twice or is no key: {key!r}")
            seen.add(key)
            yield path.stem, key, fields


def check_fields(
    key: str, fields: Mapping[str, Any], required: Collection[str], optional: Collection[str] = ()
) -> None:
    """Refuse an entry that lacks a field or has one too many.

    Raises
    ------
    ValueError
        Naming the entry and the fields.
    """
    lacking, strange = set(required) - set(fields), set(fields) - set(required) - set(optional)
    if lacking or strange:
        raise ValueError(f"the entry {key!r} lacks {sorted(lacking)} and has no use for {sorted(strange)}")


def text(key: str, fields: Mapping[str, Any], prefix: str = "") -> Text:
    """The text whose fields begin with `prefix`, in both languages.

    Raises
    ------
    ValueError
        A language is missing, both are the same, or the English one holds Chinese.
    """
    found = {language: str(fields.get(prefix + language, "")).strip() for language in LANGUAGES}
    if not all(found.values()) or found["en"] == found["zh"] or HAN.search(found["en"]):
        raise ValueError(f"the entry {key!r} is not told in two languages by its {prefix!r} fields: {found}")
    return found


def title(key: str, fields: Mapping[str, Any]) -> Text:
    """The text of the fields ``en`` and ``zh``, which may be the same where it is a name."""
    same = fields.get("en") == fields.get("zh")
    return dict.fromkeys(LANGUAGES, str(fields["en"])) if same and fields.get("en") else text(key, fields)


def named(key: str, fields: Mapping[str, Any], name: str, known: Collection[str], least: int = 0) -> tuple[str, ...]:
    """The list of keys in the field `name`, each once and each `known`.

    Raises
    ------
    ValueError
        One is unknown or comes twice, or there are fewer than `least`.
    """
    keys = tuple(fields.get(name, ()))
    if len(set(keys)) != len(keys) or not set(keys) <= set(known) or len(keys) < least:
        raise ValueError(f"the entry {key!r} names {name} {keys}: unknown are {sorted(set(keys) - set(known))}")
    return keys


def one_of(key: str, fields: Mapping[str, Any], name: str, allowed: Collection[str]) -> str:
    """The value of the field `name`.

    Raises
    ------
    ValueError
        It is not among the `allowed` ones.
    """
    if (value := fields.get(name)) not in allowed:
        raise ValueError(f"the entry {key!r} has {name} {value!r}, not one of {', '.join(allowed)}")
    return str(value)
