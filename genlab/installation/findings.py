"""What a look at one part of the installation found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of a report.

    Attributes
    ----------
    name
        What was looked at, in a word or two.
    level
        ``warn``: it works, but worse than it could. ``fail``: something does not work.
    told
        What was found. No path and no secret is in it: strangers may read it.
    todo
        What to do about it; empty where all is well.
    """

    name: str
    level: Level
    told: str
    todo: str = ""
