"""What the canvas maps on a page were told."""

import json
from typing import Any


def maps(app: Any) -> list[dict]:
    """What each map was told, besides its points."""
    said = [json.loads(e.proto.json) for e in app.get("bidi_component") if e.proto.json]
    return [one for one in said if "ear" not in one]


def told(app: Any) -> dict:
    """What the one map was told."""
    (one,) = maps(app)
    return one
