"""``models``: the models, their presets, and the options of each."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genlab.models.options import OptionField


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "models",
        help="list models, presets and options",
        description="What --model, --preset and --set of the train command take.",
    )
    parser.add_argument("model", nargs="?", help="show the options of this one")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.models import MODELS, model_class
    from genlab.models.options import option_fields
    from genlab.models.presets import presets_for

    for key in [arguments.model] if arguments.model else MODELS:
        print(f"{key}: {model_class(key).title}")
        for preset in presets_for(key):
            print(_paragraph(f"  {preset.key:<14} ", f"{preset.about} {preset.mended}".strip()))
        if arguments.model:
            for field in option_fields(model_class(key).Options):
                print(_paragraph(f"  --set {field.name}={field.default} ", f"{field.help} {_range(field)}"))
    if not arguments.model:
        print("The options of one: python -m genlab models vae")
    return 0


def _range(field: OptionField) -> str:
    if field.choices:
        return f"[{', '.join(field.choices)}]"
    return f"[{field.low:g} to {field.high:g}]" if field.low is not None and field.high is not None else ""


def _paragraph(head: str, text: str) -> str:
    return textwrap.fill(head + text, 110, subsequent_indent=" " * 8)
