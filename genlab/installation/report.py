"""All that the doctor of an installation looks at, in the order in which it tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from genlab.installation import machine, parts, readiness
from genlab.installation.findings import Finding


def examine() -> Iterator[Finding]:
    """One finding after the other, as they come. What a look fails at is a finding too."""
    yield machine.python()
    yield machine.packages()
    settings = readiness.settings_make_sense()
    yield settings
    if settings.level == "fail":  # all else depends on them
        return
    yield readiness.home_can_be_written()
    yield readiness.disk_has_room()
    yield machine.clock()
    workers = readiness.workers_may_start()
    yield workers
    yield from _guarded("torch", machine.torch_works)
    if workers.level == "ok":
        yield machine.threads()
        yield from _guarded("worker", lambda: [parts.worker()])
    yield from _guarded("zoo", lambda: [parts.zoo()])
    yield parts.downloads()
    yield parts.port()
    yield parts.sign_in()


def _guarded(name: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - a broken installation fails in ways that nobody foresaw
        return [Finding(name, "fail", f"{type(error).__name__}: {error}", "Run: pip install -r requirements.txt")]
