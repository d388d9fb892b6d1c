#!/usr/bin/env bash
# make_appimage.sh RUNTIME: one file that runs without being installed, in dist/.
# RUNTIME is the program that an AppImage begins with (runtime-x86_64 of the AppImage project's type2-runtime), which
# no package of Debian holds: CI fetches it, and checks its digest. Needs squashfs-tools.
set -euo pipefail
RUNTIME=$(realpath "${1:?RUNTIME is missing}")
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build/package}
ROOT=$BUILD/AppDir
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
OUT=dist/Alcove-$VERSION-x86_64.AppImage

rm -rf "$ROOT"
mkdir -p "$ROOT/opt" dist
cp -al "$BUILD/dist/alcove" "$ROOT/opt/alcove"
bash packaging/linux/make_tree.sh "$ROOT" /usr
ln -s usr/share/applications/alcove.desktop "$ROOT/alcove.desktop"
ln -s usr/share/icons/hicolor/256x256/apps/alcove.png "$ROOT/alcove.png"
ln -s alcove.png "$ROOT/.DirIcon"
ln -s opt/alcove/alcove "$ROOT/AppRun"
mksquashfs "$ROOT" "$BUILD/alcove.squashfs" -noappend -root-owned -comp zstd -Xcompression-level 19 -b 256K -quiet -no-progress
cat "$RUNTIME" "$BUILD/alcove.squashfs" > "$OUT"
chmod 755 "$OUT"
rm -rf "$ROOT" "$BUILD/alcove.squashfs"
ls -l "$OUT"
