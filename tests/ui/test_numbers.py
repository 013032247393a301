"""Numbers in the address: what is right is taken, what is not is cleaned away, and what is chosen is written."""

import pytest
from streamlit.testing.v1 import AppTest

STOPS = [0, 50, 200]


def script() -> None:
    import streamlit as st

    from genlab.ui import numbers

    st.session_state["got"] = (
        numbers.whole("n", 1, 256, param="n", default=64),
        numbers.slider("t", 0.0, 1.5, param="t", default=1.0, step=0.05),
        numbers.stop("s", [0, 50, 200], param="s"),
        numbers.stop("one", [7], param="one"),
    )


def run(**query: str) -> AppTest:
    app = AppTest.from_function(script)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_defaults_leave_the_address_alone() -> None:
    app = run()
    assert app.session_state["got"] == (64, 1.0, 200, 7)
    assert dict(app.query_params) == {}


def test_the_address_decides() -> None:
    app = run(n="7", t="0.35", s="50", one="7")
    assert app.session_state["got"] == (7, 0.35, 50, 7)


@pytest.mark.parametrize(("asked", "got"), [("120", 50), ("9999", 200), ("0", 0), ("-5", 0), ("１２０", 50)])
def test_a_step_between_two_stops_is_the_one_before(asked: str, got: int) -> None:
    assert run(s=asked).session_state["got"][2] == got


@pytest.mark.parametrize("wrong", ["0", "257", "-1", "abc", "", "1e3", "nan", "9" * 5000, "1.5", "%00"])
def test_nonsense_in_the_address_counts_as_not_given(wrong: str) -> None:
    app = run(n=wrong)
    assert not app.exception
    assert app.session_state["got"][0] == 64
    assert "n" not in app.query_params


@pytest.mark.parametrize("wrong", ["nan", "inf", "-0.1", "1.6", "x"])
def test_reals_are_finite_and_within(wrong: str) -> None:
    app = run(t=wrong)
    assert app.session_state["got"][1] == 1.0
    assert "t" not in app.query_params


def test_what_is_chosen_is_written_and_defaults_are_taken_out() -> None:
    app = run(n="7")
    app.number_input[0].set_value(100).run()
    assert app.query_params["n"] in ("100", ["100"])
    app.slider[0].set_value(0.55).run()
    assert app.query_params["t"] in ("0.55", ["0.55"])
    app.select_slider[0].set_value(50).run()
    assert app.query_params["s"] in ("50", ["50"])
    app.number_input[0].set_value(64).run()
    assert "n" not in app.query_params
    assert app.session_state["got"][:3] == (64, 0.55, 50)


def test_a_number_out_of_range_from_a_browser_does_not_pass() -> None:
    """The bounds of a widget hold in the browser only."""
    app = run()
    app.number_input[0]._value = 5000
    app.run()
    assert 1 <= app.session_state["got"][0] <= 256
