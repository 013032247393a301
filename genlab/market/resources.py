"""What the documents recommend to read and to use, mended where it is wrong, and what they lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

from genlab.market.cases import Lab, lab
from genlab.market.documents import told_in
from genlab.market.loading import Text, check_fields, entries, one_of, text, title
from genlab.market.references import Reference, cited

Kind = Literal["book", "course", "paper", "tool", "site"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Standing = Literal["right", "mended", "missing", "added"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True)
class Resource:
    """Something to read or to use.

    Attributes
    ----------
    standing
        ``"right"`` as the documents list it; ``"mended"``, of which the text tells what was wrong; ``"missing"`` where
        we could not find that it exists, which does not prove that it does not; ``"added"`` where no document has it.
    name, text
        Its title, and what it is good for or what was wrong.
    sections
        Where documents list it; empty where it was added.
    """

    key: str
    kind: Kind
    standing: Standing
    name: Text
    text: Text
    sections: tuple[str, ...]
    references: tuple[Reference, ...]
    lab: Lab | None


@cache
def resources() -> dict[str, Resource]:
    """All resources by key, in the order of the files.

    Raises
    ------
    ValueError
        When the data are not whole: a fault of this package.
    """
    return {key: resource_of(key, fields) for _, key, fields in entries("resources")}


def resource_of(key: str, fields: Mapping[str, Any]) -> Resource:
    """A resource from the fields of its table.

    Raises
    ------
    ValueError
        A field is missing, unknown or out of range.
    """
    check_fields(key, fields, ("kind", "standing", "en", "zh", "text_en", "text_zh"), ("sections", "references", "lab"))
    standing = one_of(key, fields, "standing", STANDINGS)
    sections = told_in(key, fields)
    if bool(sections) == (standing == "added"):
        raise ValueError(f"a resource that no document lists is an added one, and only that: {key!r} is {standing}")
    return Resource(
        key=key,
        kind=cast(Kind, one_of(key, fields, "kind", KINDS)),
        standing=cast(Standing, standing),
        name=title(key, fields),
        text=text(key, fields, "text_"),
        sections=sections,
        references=cited(key, fields),
        lab=lab(key, fields),
    )
