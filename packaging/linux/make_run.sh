#!/usr/bin/env bash
# The installer for one person, who need not be an administrator, in dist/: a program that unpacks and installs itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build/package}
HERE=packaging/linux
ROOT=$BUILD/run
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
case ${EDITION:-full} in light) KIND=-light ;; *) KIND= ;; esac
OUT=dist/alcove-$VERSION-x86_64$KIND.run

rm -rf "$ROOT"
mkdir -p "$ROOT" dist
cp -al "$BUILD/dist/alcove" "$ROOT/alcove"
bash $HERE/make_tree.sh "$ROOT" ""
install -m755 $HERE/install.sh "$ROOT/install.sh"
install -m755 $HERE/uninstall.sh "$ROOT/alcove/uninstall.sh"
# gzip, since zstd and xz are not everywhere
makeself --gzip --nox11 --quiet --noprogress "$ROOT" "$OUT" "Alcove $VERSION" ./install.sh >/dev/null
rm -rf "$ROOT"
ls -l "$OUT"
