"""The server's log: lines of text, or of JSON for programs; what opens doors is in neither.

Whoever writes a line (genlab, Streamlit, uvicorn, a library), it becomes a :class:`Line`, which takes secrets out of
its message and its traceback before any handler sees them. As JSON a line is::

    {"time": "2026-03-01T12:00:00.123+00:00", "level": "ERROR", "logger": "genlab.ui", "message": "A page failed",
     "run": 12, "visitor": "5d41402a", "trace": "Traceback ..."}

``run`` is the number of the first run that the message names, ``visitor`` the beginning of the name of the home that
the code works for; neither is there where it is not known.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from streamlit import config
from streamlit.logger import update_formatter

from genlab.errors import GenlabError
from genlab.paths import home
from genlab.runs.visitors import FOLDER
from genlab.settings import settings

TEXT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
JSON: Final = "%(json)s"
RUN: Final = re.compile(r"\b(\d{5})-[a-z0-9]")
VISITOR_LETTERS: Final = 8

_KEYS: Final = r"(?:client_?secret|cookie_?secret|(?:[a-z]+_)?token|password|nonce|code_verifier)"
_SECRETS: Final = [
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"\b((?:set-)?cookie|authorization)\b(['\"]?\s*[,:=]\s*)[^\r\n]+", r"\1\2[secret]"),
        (r"\bbearer\s+[^\s'\",]+", "Bearer [secret]"),
        (r"[0-9a-f]{32}\.[0-9a-f]{64}", "[ticket]"),
        (r"shared-[\w-]{16,}", "shared-[secret]"),
        (rf"([?&](?:{_KEYS}|code|state)=)[^&\s'\"]+", r"\1[secret]"),
        (rf"(['\"]{_KEYS}['\"]\s*[:,=]\s*['\"])[^'\"]+", r"\1[secret]"),
        (r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*", "[secret]"),
        (r"(?<![\w-])[\w-]{43}(?![\w-])", "[secret]"),
        (r"(visitors/[0-9a-f]{8})[0-9a-f]{24}", r"\1"),
        (r"[\w.+-]{1,64}@[\w-]+\.[\w.-]+", "[address]"),  # a bound: a header of 60 kB without an @ took minutes
    )
]

_looking: ContextVar[bool] = ContextVar("_looking", default=False)


def begin() -> None:
    """From now on every line of this process's log is one of ours, in the form that the settings ask for."""
    logging.setLogRecordFactory(Line)
    form = JSON if settings().log == "json" else TEXT
    config.set_option("logger.messageFormat", form)
    update_formatter()  # loggers that Streamlit makes later read the option
    logging.getLogger("uvicorn.access").handlers.clear()  # Streamlit asks uvicorn for none, which the line above undid
    logging.root.handlers[:] = [logging.StreamHandler(sys.stderr)]
    logging.getLogger("genlab").setLevel(logging.INFO)
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for handler in (handler for logger in loggers if isinstance(logger, logging.Logger) for handler in logger.handlers):
        handler.setFormatter(logging.Formatter(form))


def redacted(text: str) -> str:
    """`text` without what opens doors: cookies, tickets, tokens, links that share a run, addresses of people."""
    token = settings().metrics.token
    if token is not None:
        text = text.replace(token.get_secret_value(), "[secret]")
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class Line(logging.LogRecord):
    """One line of the log, without secrets."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.visitor = _visitor()
        self.trace = ""
        if self.exc_info and self.exc_info[0] is not None:
            self.trace = redacted("".join(traceback.format_exception(*self.exc_info)).rstrip())
            self.exc_text = self.trace  # what formatters of text append
        if settings().log == "json":
            self.exc_info = self.exc_text = None  # they would append it to a line that has it
            self.json = self._json()  # formatters take what they are told of from the instance's own attributes

    def getMessage(self) -> str:  # noqa: N802 - the standard library's name
        """The message, without secrets."""
        return redacted(super().getMessage())

    def _json(self) -> str:
        message = self.getMessage()
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(self.created, UTC).isoformat(timespec="milliseconds"),
            "level": self.levelname,
            "logger": self.name,
            "message": message,
        }
        if named := RUN.search(message):
            told["run"] = int(named[1])
        if self.visitor:
            told["visitor"] = self.visitor
        if self.trace:
            told["trace"] = self.trace
        return json.dumps(told, ensure_ascii=False)


def _visitor() -> str:
    """The beginning of the name of the home that this code works for; empty where it works for nobody known."""
    if settings().mode == "single" or _looking.get():
        return ""
    token = _looking.set(True)
    try:
        with suppress(GenlabError, OSError):
            name = home().name
            return name[:VISITOR_LETTERS] if FOLDER.fullmatch(name) else ""
        return ""
    finally:
        _looking.reset(token)
