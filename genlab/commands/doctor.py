"""``doctor``: whether this installation works, and what to do where it does not."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "doctor",
        help="see whether this installation works, and what to do where it does not",
        description="Look at Python, packages, torch and its devices, the disk, settings, a worker, the shipped "
        "models, the network and the port; takes some twenty seconds. Ends with 1 where something does not work.",
    )
    parser.add_argument("--json", action="store_true", help="print all findings as JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.installation.report import examine
    from genlab.paths import root

    found = []
    if not arguments.json:
        print(f"The installation in {root()}:")
    for finding in examine():
        found.append(finding)
        if not arguments.json:
            print(f"  {finding.level:<5} {finding.name:<10} {finding.told}", flush=True)
            if finding.todo:
                print(f"  {'':<16} -> {finding.todo}")
    failed = any(finding.level == "fail" for finding in found)
    if arguments.json:
        print(json.dumps({"ok": not failed, "findings": [asdict(finding) for finding in found]}, indent=2))
    return 1 if failed else 0
