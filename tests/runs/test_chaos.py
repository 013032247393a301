"""The short form of ``make chaos``: kills at random, and what comes of the runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="its kills are signals")
def test_whatever_is_killed_all_runs_end_in_the_weights_of_undisturbed_ones(tmp_path: Path) -> None:
    command = [sys.executable, "benchmarks/chaos.py", "--kills", "4", "--runs", "2", "--seed", "1"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 runs, begun" in done.stdout
