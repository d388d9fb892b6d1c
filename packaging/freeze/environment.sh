#!/usr/bin/env bash
# Makes the environment that is frozen: as packaging/setup.sh does, but with a llama.cpp that runs on other processors
# than this one, with a small OpenCV, and with PyInstaller. Runs again only what changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
PYTHON=${PYTHON:-python3}
BUILD=${BUILD:-build/package}
VENV=$BUILD/venv
WHEELS=$BUILD/wheels
FREEZER="pyinstaller==6.22.3 pyinstaller-hooks-contrib==2026.9"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

mkdir -p "$WHEELS"
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"

LLAMA=$(sed -n 's/^llama[-_]cpp[-_]python==//p' constraints.txt)
WHEEL=$WHEELS/llama_cpp_python-$LLAMA
if ! compgen -G "$WHEEL-*.whl" >/dev/null; then
    say "Compiling llama.cpp for processors with AVX2 (about 4 minutes on 2 cores)…"
    # With SOURCE_DATE_EPOCH set, ggml takes GGML_NATIVE=OFF for "no vector instructions at all".
    env -u SOURCE_DATE_EPOCH CMAKE_ARGS="-DGGML_NATIVE=OFF" "$VENV/bin/python" -m pip --disable-pip-version-check --quiet \
        wheel --no-cache-dir --no-deps --no-binary llama-cpp-python -w "$WHEELS" "llama-cpp-python==$LLAMA"
fi
# a wheel made for this processor may lie in pip's cache under the same name: only ours is taken
if [ ! -f "$VENV/.portable-llama-$LLAMA" ]; then
    pip install --no-cache-dir --force-reinstall -c constraints.txt "$WHEEL"-*.whl
    touch "$VENV/.portable-llama-$LLAMA"
fi

OPENCV=$(PYTHON=$PYTHON BUILD=$BUILD bash packaging/freeze/opencv.sh)
MARK=$VENV/.small-$(basename "$(dirname "$OPENCV")")
if [ ! -f "$MARK" ]; then
    pip install --no-cache-dir --no-deps --force-reinstall "$OPENCV"
    touch "$MARK"
fi

PYTHON=$PYTHON VENV=$VENV bash packaging/setup.sh

say "Installing PyInstaller and Alcove itself…"
# shellcheck disable=SC2086
pip install -c constraints.txt $FREEZER
pip install --no-deps --force-reinstall .
