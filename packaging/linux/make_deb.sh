#!/usr/bin/env bash
# The Debian package, in dist/ or DIST. DEB_COMPRESSION=zstd is quicker to build and larger; DEB_VERSION overrides the version.
set -euo pipefail
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build/package}
HERE=packaging/linux
ROOT=$BUILD/deb
VERSION=${DEB_VERSION:-$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)}
MAINTAINER=${MAINTAINER:-The Alcove developers <alcove@example.org>}
# both lie in the same place, so each takes the other's
case ${EDITION:-full} in light) NAME=alcove-light OTHER=alcove ;; *) NAME=alcove OTHER=alcove-light ;; esac
DIST=${DIST:-dist}
OUT=$DIST/${NAME}_${VERSION}_amd64.deb
case ${DEB_COMPRESSION:-xz} in xz) SUFFIX=xz ;; zstd) SUFFIX=zst ;; *) echo "DEB_COMPRESSION is xz or zstd" >&2; exit 1 ;; esac

rm -rf "$ROOT"
mkdir -p "$ROOT/DEBIAN" "$ROOT/opt" "$ROOT/usr/bin" "$DIST"
chmod 755 "$ROOT" "$ROOT/DEBIAN"
cp -al "$BUILD/dist/alcove" "$ROOT/opt/alcove" # hard links: a second gigabyte is not needed
ln -s /opt/alcove/alcove "$ROOT/usr/bin/alcove"
bash $HERE/make_tree.sh "$ROOT" /usr

DOCS=$ROOT/usr/share/doc/$NAME
mkdir -p "$DOCS"
{
    cat NOTICE
    printf '\nThe complete licences of every part are in /opt/alcove/_internal/app/_shipped/resources/licences,\n'
    printf 'and the window shows them under Settings, About. That of Alcove itself is\n/usr/share/common-licenses/Apache-2.0.\n'
} > "$DOCS/copyright"
gzip -9nc CHANGELOG.md > "$DOCS/changelog.gz"

SIZE=$(du -sk --exclude=DEBIAN "$ROOT" | cut -f1)
DEPENDS=$(python3 $HERE/depends.py "$BUILD/dist/alcove")
sed -e "s/@NAME@/$NAME/" -e "s/@OTHER@/$OTHER/" -e "s/@VERSION@/$VERSION/" -e "s/@SIZE@/$SIZE/" -e "s/@DEPENDS@/$DEPENDS/" -e "s/@MAINTAINER@/$MAINTAINER/" \
    $HERE/control.in > "$ROOT/DEBIAN/control"
if [ "$NAME" = alcove-light ]; then
    printf ' .\n%s\n%s\n' " This is the light edition: it recognises no text in scans and pictures, and" \
        " runs no search models, rerankers and readers but its own." >> "$ROOT/DEBIAN/control"
fi
install -m755 $HERE/preinst "$ROOT/DEBIAN/preinst"
find "$ROOT" -type d -exec chmod 755 {} +
(cd "$ROOT" && find opt usr -type f -exec md5sum {} +) > "$ROOT/DEBIAN/md5sums"
# packed here and not by dpkg-deb, see compress.sh
PARTS=$(mktemp -d "$BUILD/deb-parts.XXXX")
dpkg-deb --root-owner-group -Znone --build "$ROOT" "$PARTS/plain.deb" >/dev/null
rm -rf "$ROOT"
OUT=$(realpath "$OUT") PACK=$PWD/$HERE/compress.sh
(
    cd "$PARTS"
    ar x plain.deb && rm plain.deb
    xz control.tar
    sh "$PACK" < data.tar > "data.tar.$SUFFIX"
    rm -f "$OUT"
    ar qcSD "$OUT" debian-binary control.tar.xz "data.tar.$SUFFIX"
)
rm -rf "$PARTS"
dpkg-deb --info "$OUT" >/dev/null # it can be read again
ls -l "$OUT"
