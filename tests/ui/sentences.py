"""The sentences that genlab's errors are made of, read from its source.

A sentence is told by its template: the English with ``{0}``, ``{1}``... where the source puts a value in. Where that
value is one of several texts written out, each of them makes a template; a constant of the module stands as its text.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, product
from pathlib import Path
from types import ModuleType

from genlab.errors import GenlabError

ROOT = Path(__file__).parents[2]
NOT_ON_PAGES = ("genlab.commands", "genlab.cli", "genlab.__main__", "genlab.ui.routes")
"""What speaks to a terminal, or to a script in the browser."""

TELLING = ("StatusError", "_damaged", "_diverged", "_fail", "tell", "notes.append", "_note")
"""What is called with sentences that a page shows, without being a GenlabError."""
AFTER_A_NAME = ("UnreadableError", "_RefusedError")
"""Errors that go on from the name of a file or a server: "cats.png" "is damaged"."""
RETURNING = {"_sentence", "_too_few", "classes_of"}
"""Functions that return such sentences."""
RETURNING_AFTER_A_NAME = {"_why", "_too_large", "reason_to_skip"}
KEPT = {"why", "way", "needed", "there", "note"}
"""What variables and fields are called that hold a sentence, or a part of one."""

HOLE = "\0"


@dataclass(frozen=True)
class Module:
    """A module, to look up its names, and its source."""

    namespace: ModuleType
    tree: ast.Module

    def is_error(self, called: ast.expr) -> bool:
        """Whether a call of it makes a GenlabError."""
        if not isinstance(called, ast.Name) or not called.id.endswith("Error"):
            return False
        found = getattr(self.namespace, called.id, None) or self._imported_within(called.id)
        return isinstance(found, type) and issubclass(found, GenlabError)

    def _imported_within(self, name: str) -> object:
        """What a function imports for itself; None for what the language has."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module and name in (alias.name for alias in node.names):
                return getattr(importlib.import_module(node.module), name)
        return None

    def templates(self, node: ast.expr | None) -> list[str]:
        """The templates of an expression, holes not numbered; none for what is no text."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return ["".join(choice) for choice in product(*map(self._part, parts))]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [one + other for one in self.templates(left) for other in self.templates(right)]
            case ast.IfExp(body=one, orelse=other):
                return [*self.templates(one), *self.templates(other)]
            case ast.Call(func=ast.Attribute(value=text, attr="rstrip")):
                return self.templates(text)
            case ast.Tuple(elts=all_of) | ast.List(elts=all_of):
                return [template for one in all_of for template in self.templates(one)]
            case ast.Name(id=name) if name.isupper() and isinstance(getattr(self.namespace, name, None), str):
                return [getattr(self.namespace, name)]
        return []

    def _part(self, node: ast.expr) -> list[str]:
        if not isinstance(node, ast.FormattedValue):
            return self.templates(node)
        plain = node.conversion == -1 and node.format_spec is None
        return (self.templates(node.value) if plain else []) or [HOLE]

    def told(self) -> Iterator[tuple[int, str]]:
        """Line and template of each sentence that a page may show."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=called, args=arguments, keywords=keywords):
                    name = ast.unparse(called)
                    if self.is_error(called) or name.endswith(TELLING + AFTER_A_NAME):
                        yield from self._at(node, arguments, after_a_name=name.endswith(AFTER_A_NAME))
                    yield from self._at(node, [entry.value for entry in keywords if entry.arg in KEPT])
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in KEPT:
                    yield from self._at(node, [value])
                case ast.FunctionDef(name=name) if name in RETURNING | RETURNING_AFTER_A_NAME:
                    returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
                    yield from self._at(node, returned, after_a_name=name in RETURNING_AFTER_A_NAME)

    def _at(self, node: ast.stmt | ast.expr, values: list, *, after_a_name: bool = False) -> Iterator[tuple[int, str]]:
        for value in values:
            for template in self.templates(value):
                if re.search("[A-Za-z].* |.* [A-Za-z]", template):  # no sentence is a single word, as a key is
                    yield node.lineno, numbered(f"{HOLE} {template}" if after_a_name else template)


def numbered(template: str) -> str:
    """The template with its holes as ``{0}``, ``{1}``..."""
    numbers = count()
    return re.sub(HOLE, lambda _: f"{{{next(numbers)}}}", template)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of genlab whose errors may come to a page."""
    found = []
    for path in sorted((ROOT / "genlab").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith(NOT_ON_PAGES):
            found.append(Module(importlib.import_module(name), ast.parse(path.read_text("utf-8"))))
    return tuple(found)


@cache
def errors() -> dict[str, str]:
    """Each sentence that a page may show, and where it stands."""
    return {
        template: f"{module.namespace.__name__}, line {line}"
        for module in modules()
        for line, template in module.told()
    }


@cache
def texts() -> frozenset[str]:
    """Whatever text the source has anywhere, sentence or part of one."""
    nodes = ((module, node) for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.expr))
    found = {numbered(template) for module, node in nodes for template in module.templates(node)}
    return frozenset(found | {text.replace("_", " ") for text in found})
