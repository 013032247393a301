"""Numbers and times as a person reads them, in the session's language."""

from __future__ import annotations

from genlab.ui.i18n import t

MINUTE, HOUR, DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """A span of time in its two largest units: "45 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return t("common.unit.seconds", n=whole)
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        if rest == 0:
            return t("common.unit.minutes", n=minutes)
        return t("common.unit.minutes_seconds", m=minutes, s=rest)
    if whole < DAY:
        hours, rest = divmod(whole, HOUR)
        return t("common.unit.hours_minutes", h=hours, m=rest // MINUTE)
    days, rest = divmod(whole, DAY)
    return t("common.unit.days_hours", d=days, h=rest // HOUR)


def count(number: float) -> str:
    """A whole number with its thousands apart: "12,800"."""
    return f"{round(number):,}"


def in_key(run_id: str) -> str:
    """A run's id as it may stand in the key of a component: two underscores, as a shared link may have, may not."""
    return run_id.replace("_", ".")


def megabytes(size: float) -> str:
    """A size in MB: "9.9 MB", "170 MB"."""
    return f"{size:.1f} MB" if size < 10 else f"{size:.0f} MB"
