"""The house plan, held by tests: imports run one way, modules stay small, pins are what is used."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 300
# A module may be longer for a reason, told here.
LONGER: dict[str, str] = {}
# Pins that another package imports for us.
BEHIND = {"authlib": "st.login signs people in with it", "onnxscript": "torch.onnx.export writes with it"}


def modules(*tops: str) -> list[Path]:
    found: list[Path] = []
    for top in tops:
        path = ROOT / top
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """Full names of what a file imports, wherever in the file; what only type checkers read counts too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_imports_run_one_way() -> None:
    # In a process of its own: it silences every logger that is there.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_everything_below_the_ui_runs_without_streamlit() -> None:
    below = [
        name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in modules("genlab")
        if not name(path).startswith("genlab/ui/") and path.name != "__main__.py"
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {below!r}: importlib.import_module(name)\n"
        "sys.exit('streamlit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, timeout=120).returncode == 0


def test_app_and_pages_sit_on_top() -> None:
    for path in modules("genlab"):
        tops = {full.split(".")[0] for full in imported(path)}
        assert not tops & {"app", "pages", "tests", "benchmarks", "tools"}, name(path)
    for path in modules("app.py", "pages"):
        ours = {full for full in imported(path) if full.split(".")[0] in ("app", "pages", "tests")}
        assert not ours, f"{name(path)} imports {ours}"
    for full in (full for path in modules("app.py") for full in imported(path)):
        assert not full.startswith("genlab") or full.startswith("genlab.ui"), f"app.py imports {full}"


@pytest.mark.parametrize("path", modules("app.py", "pages", "genlab", "benchmarks", "tools"), ids=name)
def test_modules_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST or name(path) in LONGER, f"{name(path)} has {lines} lines"


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pins = (re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines)
    return {pin[1].lower(): pin[2] for pin in pins if pin}


def test_runtime_pins_are_what_is_imported() -> None:
    """No pin that nothing uses, and nothing used that only happens to be installed with something else."""
    homes = importlib.metadata.packages_distributions()
    used: dict[str, str] = {}
    for path in modules("app.py", "pages", "genlab"):
        for top in {full.split(".")[0] for full in imported(path)} - set(sys.stdlib_module_names):
            if top not in ("genlab", "pages", "app"):
                used[homes[top][0].lower().replace("_", "-")] = name(path)
    pins = pinned("requirements.txt") | pinned("requirements-cluster.txt")
    assert not used.keys() - pins.keys(), "imported and not pinned"
    assert not pins.keys() - used.keys() - BEHIND.keys(), "pinned and never imported"


def test_without_a_graphics_card_the_same_is_installed_but_torchs_build() -> None:
    lines = (ROOT / "requirements-cpu.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if not line.startswith("#")]
    assert wanted == ["--find-links https://download.pytorch.org/whl/cpu/torch/", "-r requirements.txt"]
    pin = pinned("requirements.txt")["torch"]
    assert SpecifierSet(f"=={pin}").contains(f"{pin}+cpu")  # so it is taken,
    assert Version(f"{pin}+cpu") > Version(pin)  # and before the index's own


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"])
def test_what_is_installed_is_what_is_pinned(file: str) -> None:
    for package, version in pinned(file).items():
        assert importlib.metadata.version(package).split("+")[0] == version, package
