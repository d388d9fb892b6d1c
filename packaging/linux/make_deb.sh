#!/usr/bin/env bash
# The Debian package, in dist/. DEB_COMPRESSION=zstd is quicker to build and larger; DEB_VERSION overrides the version.
set -euo pipefail
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build/package}
HERE=packaging/linux
ROOT=$BUILD/deb
VERSION=${DEB_VERSION:-$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)}
MAINTAINER=${MAINTAINER:-The Alcove developers <alcove@example.org>}
OUT=dist/alcove_${VERSION}_amd64.deb
COMPRESSION=${DEB_COMPRESSION:-xz}

rm -rf "$ROOT"
mkdir -p "$ROOT/DEBIAN" "$ROOT/opt" "$ROOT/usr/bin" dist
chmod 755 "$ROOT" "$ROOT/DEBIAN"
cp -al "$BUILD/dist/alcove" "$ROOT/opt/alcove" # hard links: a second gigabyte is not needed
ln -s /opt/alcove/alcove "$ROOT/usr/bin/alcove"
bash $HERE/make_tree.sh "$ROOT" /usr

DOCS=$ROOT/usr/share/doc/alcove
mkdir -p "$DOCS"
{
    cat NOTICE
    printf '\nThe complete licences of every part are in /opt/alcove/_internal/app/_shipped/resources/licences,\n'
    printf 'and the window shows them under Settings, About. That of Alcove itself is\n/usr/share/common-licenses/Apache-2.0.\n'
} > "$DOCS/copyright"
gzip -9nc CHANGELOG.md > "$DOCS/changelog.gz"

SIZE=$(du -sk --exclude=DEBIAN "$ROOT" | cut -f1)
DEPENDS=$(python3 $HERE/depends.py "$BUILD/dist/alcove")
sed -e "s/@VERSION@/$VERSION/" -e "s/@SIZE@/$SIZE/" -e "s/@DEPENDS@/$DEPENDS/" -e "s/@MAINTAINER@/$MAINTAINER/" \
    $HERE/control.in > "$ROOT/DEBIAN/control"
install -m755 $HERE/preinst "$ROOT/DEBIAN/preinst"
find "$ROOT" -type d -exec chmod 755 {} +
(cd "$ROOT" && find opt usr -type f -exec md5sum {} +) > "$ROOT/DEBIAN/md5sums"
dpkg-deb --root-owner-group -Z"$COMPRESSION" --build "$ROOT" "$OUT" >/dev/null
rm -rf "$ROOT"
ls -l "$OUT"
