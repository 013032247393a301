"""The mode ``team``: who has signed in, and who may come in."""

from __future__ import annotations

import streamlit as st

from genlab.runs.visitors import VisitorError
from genlab.settings import settings
from genlab.ui.i18n import t


def address() -> str:
    """The address with which whoever looks at this page has signed in, in small letters.

    Raises
    ------
    VisitorError
        Nobody has signed in, the provider does not vouch for the address, or it is no member's.
    """
    found = st.user.get("email")
    if not st.user.get("is_logged_in"):
        raise VisitorError("Sign in first: the runs here belong to people.")
    vouched = st.user.get("email_verified") not in (False, "false")  # some providers send claims as text
    if not isinstance(found, str) or "@" not in found or not vouched:
        raise VisitorError("The service that signed you in does not vouch for an e-mail address of yours.")
    found = found.lower()
    if not settings().team.admits(found):
        raise VisitorError(f"{found} is not a member here. Ask whoever runs this server to let you in.")
    return found


def is_admin() -> bool:
    """Whether whoever looks at this page may see all workspaces."""
    return settings().mode == "team" and settings().team.is_admin(address())


def sign_in() -> None:
    """End the page here with a way to sign in, where that is needed and has not happened, or did not help."""
    if settings().mode != "team":
        return
    if st.user.get("is_logged_in"):
        _let_in()
        return
    st.title("genlab", anchor=False)
    st.write(t("visitor.sign_in_lead"))
    st.button(t("visitor.sign_in"), type="primary", icon=":material/login:", on_click=st.login)
    st.stop()


def sign_out() -> None:
    """A button that ends the visit."""
    st.button(t("visitor.sign_out"), icon=":material/logout:", on_click=st.logout, key="sign-out")


def _let_in() -> None:
    from genlab.ui import shell  # which draws every page, and begins with this

    try:
        address()
    except VisitorError as error:
        st.title("genlab", anchor=False)
        shell.show_error(error)
        sign_out()
        st.stop()
