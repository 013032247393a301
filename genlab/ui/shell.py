"""The frame around every page: routing, language, errors, and the work done once at start-up.

``app.py`` calls :func:`run`; each page begins with :func:`enter`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar, cast, overload

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import i18n, links, navigation, startup, team, visitor
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.serving import measures

log = logging.getLogger("genlab.ui")

ICON: Final = Path(__file__).parent / "assets" / "icon.png"
STYLE: Final = Path(__file__).parent / "assets" / "style.css"

_routing: ContextVar[bool] = ContextVar("_routing", default=False)

Function = TypeVar("Function", bound=Callable[..., Any])


def run() -> None:
    """Draw the frame and the page that the address asks for."""
    visitor.prepare()
    _choose_language()
    page = navigation.route()
    with measures.rerun(navigation.key_of(page), "page"):
        _frame(page)


def _frame(page: st.Page) -> None:
    st.set_page_config(
        page_title=f"{page.title} · genlab",
        page_icon=ICON,
        layout="wide",
        menu_items={"About": t("common.about")},
    )
    st.html(STYLE)
    team.sign_in()
    guarded(startup.prepare)()
    with st.sidebar:
        st.image(ICON, width=36)
        navigation.menu()
        _language_switch()
        guarded(visitor.workspace)()
    token = _routing.set(True)
    try:
        guarded(page.run)()
    finally:
        _routing.reset(token)


def enter(key: str, *, header: bool = True) -> None:
    """Begin a page: see that the frame is there, and write the page's heading.

    When the first visitor of a fresh server follows a deep link, Streamlit runs the page's file alone,
    without ``app.py``: it takes the folder ``pages`` for an old-style app until something has called
    ``st.navigation``. So the frame is drawn from here, with the page in it, and this first run of the page's
    file ends. (A rerun would do as well, but lose the click that it may have been for.)

    Parameters
    ----------
    key
        The page's key in :data:`genlab.ui.navigation.ENTRIES`; its texts are ``<key>.title`` and
        ``<key>.lead``.
    header
        False where the page writes a heading of its own.
    """
    if not _routing.get():
        run()
        st.stop()
    if header:
        st.title(t(f"{key}.title"), anchor=False)
        st.caption(t(f"{key}.lead"))


def guarded(function: Function) -> Function:
    """Let errors of `function` end in a sentence on the page.

    A GenlabError is shown in the session's language. Anything else is a fault of the program: the page says so in a
    sentence, and the traceback goes to the server's log.
    """

    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except GenlabError as error:
            show_error(error)
        except Exception:  # the last resort before a blank page
            log.exception("A page failed")
            st.error(t("common.fault"), icon=":material/bug_report:")
        return None

    return cast(Function, inner)


@overload
def fragment(function: Function, *, run_every: float | None = None) -> Function: ...
@overload
def fragment(*, run_every: float | None = None) -> Callable[[Function], Function]: ...
def fragment(
    function: Function | None = None, *, run_every: float | None = None
) -> Callable[[Function], Function] | Function:
    """``st.fragment`` whose errors end in a sentence too: its later runs do not pass through ``app.py``.

    Where many pages are open, each runs less often than `run_every` says.
    """

    def wrap(inner: Function) -> Function:
        page = measures.page()

        @functools.wraps(inner)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with measures.rerun(page, "fragment"):
                return inner(*args, **kwargs)

        return st.fragment(guarded(cast(Function, timed)), run_every=run_every and measures.paced(run_every))

    return wrap(function) if function is not None else wrap


def show_error(error: GenlabError) -> None:
    """Tell an error that the user can do something about."""
    st.error(escape(said(error)), icon=":material/error:")


def stop_with(error: GenlabError) -> NoReturn:
    """Tell the error and end the page here."""
    show_error(error)
    st.stop()


def escape(text: str) -> str:
    """`text` so that Streamlit's Markdown shows it letter by letter: titles and file names are anyone's."""
    for sign in "\\`*_{}[]()#+!|<>$~:":
        text = text.replace(sign, f"\\{sign}")
    return text


def _choose_language() -> None:
    """Decide the language of this run: the address, else what was chosen before, else the browser's."""
    asked = links.get("lang")
    chosen = asked if asked in i18n.LANGUAGES else st.session_state.get(i18n.CHOSEN)
    if chosen is not None:
        st.session_state[i18n.CHOSEN] = chosen
        links.put("lang", chosen)  # a link of the menu starts with an empty address
        st.session_state[i18n.SESSION_KEY] = chosen
        return
    links.put("lang", None)
    st.session_state[i18n.SESSION_KEY] = "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def _language_switch() -> None:
    key = "_language_switch"
    st.session_state[key] = i18n.language()

    def switch() -> None:
        st.session_state[i18n.CHOSEN] = st.session_state[key]
        links.put("lang", st.session_state[key])

    st.segmented_control(
        t("common.language"), list(i18n.LANGUAGES), key=key, on_change=switch, required=True,
        format_func=i18n.LANGUAGES.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
