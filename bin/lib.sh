# What the scripts share. Sourced, never run: every script starts with
#   . "$(dirname "$0")/lib.sh"
# and then stands in the root of the checkout, with `set -eu`.
set -eu
cd "$(dirname "$0")/.."
ROOT=$(pwd)
PYTHON="$ROOT/.venv/bin/python"

say() { printf '%s\n' "$*"; }

# One clear line, then out.
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

free_port() {
    "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

random_secret() {
    "$PYTHON" -c 'import secrets; print(secrets.token_hex(32))'
}

# need_port PORT: it is a number and nobody listens there.
need_port() {
    case $1 in
    '' | *[!0-9]*) fail "PORT must be a number, not \"$1\"." ;;
    esac
    "$PYTHON" - "$1" <<'CHECK' || fail "Port $1 is in use. Choose another one, for example: make $(basename "$0") PORT=$(($1 + 1))"
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(sys.argv[1])))
    except (OSError, OverflowError):
        sys.exit(1)
CHECK
}

# A file of this checkout that only its owner reads, holding a random secret; made once.
secret_in() {
    if [ ! -s "$1" ]; then
        (umask 077 && mkdir -p "$(dirname "$1")" && random_secret >"$1")
    fi
    cat "$1"
}

# The virtual environment with the requirements: `need_environment runtime` or `need_environment dev`.
need_environment() {
    case $1 in
    dev) list=requirements-dev.txt ;;
    *) list=requirements.txt ;;
    esac
    stamp=.venv/installed-$1
    [ -w . ] || fail "No permission to write in $ROOT. Copy the project to a directory of your own."
    if [ ! -x "$PYTHON" ] || ! "$PYTHON" -m pip --version >/dev/null 2>&1; then
        interpreter=$(find_python)
        "$interpreter" -c 'import ensurepip, venv' 2>/dev/null ||
            fail "$interpreter cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"
        say "Making the virtual environment .venv"
        "$interpreter" -m venv .venv || fail "The virtual environment .venv could not be made; see the lines above."
    fi
    if [ "$(cat "$stamp" 2>/dev/null)" != "$(cat requirements.txt "$list" | cksum)" ]; then
        say "Installing $list"
        "$PYTHON" -m pip install --quiet --disable-pip-version-check --requirement "$list" ||
            fail "The packages of $list could not be installed. Is the Python package index reachable?"
        cat requirements.txt "$list" | cksum >"$stamp"
    fi
}

find_python() {
    for candidate in ${PYTHON3:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || echo "none")
    fail "Python 3.11 or newer is needed (found: $found). On Debian 12 or Ubuntu 24.04: apt install python3 python3-venv"
}

manage() { "$PYTHON" manage.py "$@"; }
