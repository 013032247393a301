"""What the tests of the command line share."""

import pytest

from genlab.cli import main

TINY = ["--set", "latent=4", "--set", "width=2", "--set", "encoder_layers=8", "--set", "components=2"]
QUICK = ["--data", "digits", "--batch-size", "16", "--precision", "fp32", *TINY]

Capture = pytest.CaptureFixture[str]


def failing(arguments: list[str], capsys: Capture) -> str:
    """The one sentence that a command ends in."""
    assert main(arguments) == 1
    printed = capsys.readouterr()
    lines = [line for line in printed.err.replace("\r", "\n").splitlines() if line.startswith("genlab: ")]
    assert len(lines) == 1, printed.err
    assert "Traceback" not in printed.err
    return lines[0]
