"""The frame around every page: languages, errors, and what text of strangers may do."""

import logging

import pytest
from streamlit.testing.v1 import AppTest


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.title, *app.subheader, *app.caption, *app.markdown])


@pytest.mark.usefixtures("home")
class TestLanguage:
    def test_the_address_decides(self, open_page) -> None:
        assert open_page("train", lang="zh").title[0].value == "训练"
        assert open_page("train", lang="en").title[0].value == "Train"

    def test_an_unknown_language_is_dropped(self, open_page) -> None:
        app = open_page("train", lang="xx")
        assert app.title[0].value == "Train"
        assert "lang" not in app.query_params

    def test_the_switch_changes_everything_and_the_address(self, open_page) -> None:
        app = open_page("train")
        app.button_group(key="_language_switch").set_value("zh").run()
        assert app.title[0].value == "训练"
        assert app.query_params["lang"] == "zh"

    def test_it_outlives_a_change_of_page(self, open_page) -> None:
        app = open_page("overview", lang="zh")
        app.switch_page("pages/train.py").run()
        assert app.title[0].value == "训练"


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("page", ["overview", "train", "samples"])
def test_a_link_that_names_no_run_is_no_mistake(open_page, page: str) -> None:
    assert not open_page(page, run="").warning
    assert "no run called 9" in open_page(page, run="9").warning[0].value


def script_with_a_known_error() -> None:
    from genlab.errors import GenlabError
    from genlab.ui import shell

    @shell.guarded
    def page() -> None:
        raise GenlabError("The file *a_b.png* is no picture. Choose another.")

    page()


def script_with_a_fault() -> None:
    from genlab.ui import shell

    @shell.guarded
    def page() -> None:
        raise ZeroDivisionError("secret detail")

    page()


def test_a_known_error_is_shown_as_its_sentence() -> None:
    app = AppTest.from_function(script_with_a_known_error).run()
    assert not app.exception
    assert [error.value.replace("\\", "") for error in app.error] == [
        "The file *a_b.png* is no picture. Choose another."
    ]


def test_a_fault_is_told_without_details_and_logged_with_them(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        app = AppTest.from_function(script_with_a_fault).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "secret detail" not in app.error[0].value
    assert "secret detail" in caplog.text
