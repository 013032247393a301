"""Whom the mode `team` lets in, by what the provider says of them."""

from types import SimpleNamespace

import pytest

from genlab.runs.visitors import VisitorError
from genlab.ui import team


@pytest.mark.parametrize("claims", [{}, {"email_verified": True}, {"email_verified": "true"}])
def test_an_address_is_taken_in_small_letters(claims: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    user = {"is_logged_in": True, "email": "Ada@Example.org", **claims}
    monkeypatch.setattr(team, "st", SimpleNamespace(user=user))
    assert team.address() == "ada@example.org"


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({}, "Sign in first"),
        ({"is_logged_in": False, "email": "ada@example.org"}, "Sign in first"),
        ({"is_logged_in": True}, "does not vouch"),
        ({"is_logged_in": True, "email": ["ada@example.org"]}, "does not vouch"),
        ({"is_logged_in": True, "email": "ada@example.org", "email_verified": False}, "does not vouch"),
        ({"is_logged_in": True, "email": "ada@example.org", "email_verified": "false"}, "does not vouch"),
    ],
)
def test_what_nobody_vouches_for_is_no_address(
    user: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "st", SimpleNamespace(user=user))
    with pytest.raises(VisitorError, match=told):
        team.address()
