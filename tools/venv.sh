#!/bin/sh
# Make the virtual environment $1 with the first Python that is new enough, unless it is there and works.
set -eu
venv=$1

new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi
for python in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 python; do
    if new_enough "$python"; then
        echo "Making $venv with $("$python" --version); the first installation takes a few minutes." >&2
        exec "$python" -m venv --clear "$venv"
    fi
done
echo "No Python of at least 3.11 with its venv module was found. Install one (Debian, Ubuntu: apt install" \
     "python3-venv), or name one: make PYTHON=/path/to/python3 open" >&2
exit 1
