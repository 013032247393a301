"""The catalogues: both languages say the same things, and every text that a page asks for is there."""

import ast
import string
from pathlib import Path

import pytest

from genlab.data import SOURCES
from genlab.models import MODELS
from genlab.models.options import option_fields
from genlab.models.presets import PRESETS
from genlab.ui import i18n
from genlab.ui.navigation import ENTRIES
from tests.helpers import Case, advance, each_case, trainer

ROOT = Path(__file__).parents[2]
CODE = [*(ROOT / "genlab" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
CJK = ("\u4e00", "\u9fff")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def shared(language: str) -> dict[str, str]:
    """What both languages must have: all but the Chinese of texts whose English stands elsewhere."""
    return {key: text for key, text in i18n.catalogue(language).items() if not key.startswith(i18n.OWN_WORDS)}


def test_both_languages_have_the_same_keys() -> None:
    assert set(shared("en")) == set(shared("zh"))


def test_both_languages_have_the_same_placeholders() -> None:
    english, chinese = shared("en"), shared("zh")
    common = set(english) & set(chinese)
    assert not [key for key in common if placeholders(english[key]) != placeholders(chinese[key])]


def test_no_text_is_empty_and_english_holds_no_chinese() -> None:
    assert all(text.strip() for language in i18n.LANGUAGES for text in i18n.catalogue(language).values())
    mixed = [key for key, text in shared("en").items() if any(CJK[0] <= sign <= CJK[1] for sign in text)]
    assert not mixed


def literal_keys() -> set[tuple[str, str]]:
    """File and key of every ``t("...")`` whose key is written out."""
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t"):
                continue
            first = node.args[0] if node.args else None
            choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            for choice in choices:
                if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                    found.add((path.name, choice.value))
    return found


def test_every_key_in_the_code_is_in_the_catalogues() -> None:
    known = shared("en")
    assert not [(file, key) for file, key in literal_keys() if key not in known]


def test_every_page_has_its_name() -> None:
    assert all(f"nav.{entry.key}" in shared("en") for entry in ENTRIES)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_and_each_of_its_options_is_told_in_chinese(model: str) -> None:
    chinese = i18n.catalogue("zh")
    assert {f"of_models.{model}.title", f"of_models.{model}.about"} <= set(chinese)
    for field in option_fields(MODELS[model].Options):
        for part in ("label", "help"):
            keys = (f"of_models.{owner}.options.{field.name}.{part}" for owner in (model, "shared"))
            assert any(key in chinese for key in keys), (field.name, part)
        told = [chinese.get(f"of_models.shared.choices.{field.name}.{choice}") for choice in field.choices]
        assert None not in told, field.name
        assert len(set(told)) == len(told), "a list hands back what it shows, so no two may look alike"


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_is_told_in_chinese(key: str) -> None:
    chinese = i18n.catalogue("zh")
    prefix = f"of_models.{PRESETS[key].model}.presets.{key}"
    assert {f"{prefix}.title", f"{prefix}.about"} <= set(chinese)
    assert bool(PRESETS[key].mended) == (f"{prefix}.mended" in chinese)


@pytest.mark.parametrize("name", SOURCES)
def test_every_data_set_is_told_in_chinese(name: str) -> None:
    assert f"of_data.{name}" in i18n.catalogue("zh")


@each_case
def test_every_curve_of_a_training_has_its_chinese_name(case: Case) -> None:
    training = trainer(case, steps=8)
    advance(training, 8)
    chinese = i18n.catalogue("zh")
    for column in training.take_metrics():
        for word in column.split("/"):
            assert f"of_curves.{word.replace(' ', '_')}" in chinese, column


def test_chinese_tells_nothing_that_is_not_there() -> None:
    """A preset, an option or a data set that goes takes its Chinese along."""
    options = {model: {field.name for field in option_fields(cls.Options)} for model, cls in MODELS.items()}
    options["shared"] = set().union(*options.values())
    choices = {
        (field.name, choice)
        for cls in MODELS.values()
        for field in option_fields(cls.Options)
        for choice in field.choices
    }
    for key in i18n.catalogue("zh"):
        match key.split("."):
            case ["of_data", name]:
                assert name in SOURCES, key
            case ["of_models", model, "options", name, _]:
                assert name in options[model], key
            case ["of_models", "shared", "choices", name, choice]:
                assert (name, choice) in choices, key
            case ["of_models", model, "presets", name, _]:
                assert PRESETS[name].model == model, key
            case ["of_models", model, _]:
                assert model in MODELS, key


def test_a_missing_text_is_a_fault() -> None:
    with pytest.raises(i18n.MissingTextError, match="nowhere"):
        i18n.translate("en", "train.nowhere")
    with pytest.raises(i18n.MissingTextError, match="share"):
        i18n.translate("en", "train.watch.eta", time="3 s")
