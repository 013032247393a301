"""Look up what is known against the packages that are installed; where nobody can be asked, say so and go on."""

import json
import subprocess
import sys
import urllib.request

ASKED = "https://api.osv.dev/v1/query"
SECONDS = 5.0
KNOWN = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
"""Something that is known to be vulnerable: whoever knows nothing of it does not answer in earnest."""


def answers(address: str = ASKED) -> bool:
    """Whether the service can be asked from here."""
    question = urllib.request.Request(address, json.dumps(KNOWN).encode(), {"Content-Type": "application/json"})  # noqa: S310 -- a constant
    try:
        with urllib.request.urlopen(question, timeout=SECONDS) as answer:  # noqa: S310
            return bool(json.load(answer).get("vulns"))
    except (OSError, ValueError, AttributeError):
        return False


def main() -> int:
    if not answers():
        print(f"audit: skipped, as {ASKED} does not answer from here.")
        return 0
    command = ["-m", "pip_audit", "--vulnerability-service", "osv", "--progress-spinner", "off", "--skip-editable"]
    return subprocess.run([sys.executable, *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
