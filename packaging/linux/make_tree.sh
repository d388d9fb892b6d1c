#!/usr/bin/env bash
# make_tree.sh TARGET PREFIX: what desktops want to find of Alcove, below TARGET/PREFIX/share (icons, menu entry, texts).
set -euo pipefail
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build/package}
SHARE=$1$2/share
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
DATE=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y CHANGELOG.md)}" +%F)

install -Dm644 resources/icons/alcove.svg "$SHARE/icons/hicolor/scalable/apps/alcove.svg"
"$BUILD/venv/bin/python" packaging/freeze/icons.py "$BUILD/icons"
for picture in "$BUILD"/icons/*.png; do
    side=$(basename "$picture" .png)
    install -Dm644 "$picture" "$SHARE/icons/hicolor/${side}x$side/apps/alcove.png"
done
install -Dm644 packaging/linux/alcove.desktop "$SHARE/applications/alcove.desktop"
mkdir -p "$SHARE/metainfo"
sed -e "s/@VERSION@/$VERSION/" -e "s/@DATE@/$DATE/" packaging/linux/alcove.metainfo.xml.in > "$SHARE/metainfo/io.github.alcove.Alcove.metainfo.xml"
if command -v desktop-file-validate >/dev/null; then desktop-file-validate "$SHARE/applications/alcove.desktop"; fi
if command -v appstreamcli >/dev/null; then appstreamcli validate --no-net "$SHARE/metainfo/io.github.alcove.Alcove.metainfo.xml"; fi
