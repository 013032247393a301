"""Named settings of a model: the model's own file says which are worth a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Preset:
    """Settings of a model that are worth a name.

    Attributes
    ----------
    options
        What differs from the defaults of the model's ``Options``.
    document
        The document a listing stands in, "000" to "004"; empty for the lab's own presets.
    mended
        What had to change for the listing to run and to learn.
    """

    key: str
    model: str
    title: str
    about: str
    options: dict[str, Any] = field(default_factory=dict)
    batch_size: int = 64
    document: str = ""
    mended: str = ""
