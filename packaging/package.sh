#!/usr/bin/env bash
# make package: everything that is built for Linux, into dist/. EDITION=light: the edition without torch and OpenVINO.
set -euo pipefail
cd "$(dirname "$0")/.."
export BUILD=${BUILD:-build/package} EDITION=${EDITION:-full}
case $EDITION in
    full) NAME=alcove ;;
    light) NAME=alcove-light # of the same environment
        mkdir -p "$BUILD/venv" "$BUILD/wheels" "$BUILD/light"
        ln -sfn ../venv "$BUILD/light/venv" && ln -sfn ../wheels "$BUILD/light/wheels"
        BUILD=$BUILD/light ;;
    *) echo "EDITION is full or light" >&2; exit 2 ;;
esac

VERSION=${DEB_VERSION:-$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)}
missing=""
for each in ar dpkg-deb gcc makeself nm strip readelf xz desktop-file-validate appstreamcli; do
    command -v $each >/dev/null || missing+=" $each"
done
LIBRARIES=$(/sbin/ldconfig -p) # not piped: grep stops at what it finds, and a writer that is cut off counts as failed
for each in libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-keysyms.so.1 libxkbcommon-x11.so.0 libwayland-cursor.so.0; do
    grep -qF "$each" <<<"$LIBRARIES" || missing+=" $each"
done
if [ -n "$missing" ]; then
    echo "Missing:$missing" >&2
    echo "Debian: apt install build-essential cmake python3-venv xz-utils makeself desktop-file-utils appstream libegl1 libgl1 libxcb-cursor0" \
        "libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-xinerama0 libxkbcommon-x11-0 libwayland-cursor0 libwayland-egl1" >&2
    exit 1
fi

bash packaging/freeze/freeze.sh
bash packaging/linux/make_deb.sh
bash packaging/linux/make_run.sh
# the models packed as the installer packs them, to weigh the program without them
"$BUILD/venv/bin/python" packaging/freeze/sizes.py models "$BUILD/dist/alcove" > "$BUILD/models.list"
tar -C "$BUILD/dist/alcove" -cf - -T "$BUILD/models.list" | sh packaging/linux/compress.sh > "$BUILD/models.packed"
# what is too large is there to be tried all the same, but the build has failed
over=0
"$BUILD/venv/bin/python" packaging/freeze/sizes.py installed "$BUILD/dist/alcove" || over=1
"$BUILD/venv/bin/python" packaging/freeze/sizes.py packed "dist/${NAME}_${VERSION}_amd64.deb" "$BUILD/models.packed" || over=1
exit $over
