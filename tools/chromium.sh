#!/bin/sh
# Print the path of a Chromium that starts, for the tests that drive a real browser. It is, in this order:
# $GENLAB_CHROMIUM, one that is installed, Debian's package (as root or through sudo), Playwright's own.
set -u

works() { [ -n "$1" ] && "$1" --version >/dev/null 2>&1; }

found() {
    for name in "${GENLAB_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" playwrights_own; do
        [ "$name" = playwrights_own ] && name=$(playwrights_own)
        path=$(command -v "$name" 2>/dev/null) || continue
        if works "$path"; then
            echo "$path"
            return 0
        fi
    done
    return 1
}

playwrights_own() {
    "${PYTHON:-python3}" -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null
}

install_from_debian() {
    # Elsewhere (Ubuntu) the package of that name is a door to another package manager.
    grep -qs '^ID=debian' /etc/os-release || return 1
    if [ "$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root="sudo -n"; else return 1; fi
    echo "Installing Chromium with apt, for the tests that drive a browser." >&2
    $as_root apt-get update -qq >&2 </dev/null || true
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium \
        >/dev/null 2>&1 </dev/null
}

install_from_playwright() {
    echo "Downloading Playwright's Chromium, for the tests that drive a browser." >&2
    "${PYTHON:-python3}" -m playwright install chromium >&2 </dev/null
}

found && exit 0
install_from_debian && found && exit 0
install_from_playwright && found && exit 0
echo "No Chromium was found, and none could be installed. Install Chromium or Chrome, or put the path of one" \
     "into GENLAB_CHROMIUM; then run this again." >&2
exit 1
