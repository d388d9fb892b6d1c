#!/usr/bin/env bash
# The frozen program, in build/package/dist/alcove: environment, recorded run, PyInstaller, stripping, self-test.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/package}
HERE=packaging/freeze
PYTHON_IN=$BUILD/venv/bin/python
say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

bash $HERE/environment.sh

say "Recording which modules are used…"
"$PYTHON_IN" $HERE/record.py "$BUILD/modules.txt"

say "Freezing…"
rm -rf "$BUILD/dist"
PYTHONPATH=$PWD/$HERE/stand_ins "$PYTHON_IN" -P -m PyInstaller --noconfirm --log-level WARN --workpath "$BUILD/work" --distpath "$BUILD/dist" $HERE/alcove.spec
"$PYTHON_IN" $HERE/stub.py "$BUILD/dist/alcove"
"$PYTHON_IN" $HERE/strip.py "$BUILD/dist/alcove"

say "Testing what was frozen…"
env -u PYTHONPATH QT_QPA_PLATFORM=offscreen ALCOVE_TUNING=off "$BUILD/dist/alcove/alcove" --self-test
