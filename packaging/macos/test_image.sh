#!/usr/bin/env bash
# test_image.sh FILE.dmg: copies Alcove.app out of the disk image as a person would, asks, shows the window, and tries it portable.
# Not run yet: there was no Mac to run it on.
set -euo pipefail
IMAGE=${1:?the disk image is missing}
QUESTION=${QUESTION:-How long is the warranty on my dishwasher?}
PLACE=$(mktemp -d)
MOUNTED=$PLACE/image
export ALCOVE_TUNING=off

(cd "$(dirname "$IMAGE")" && shasum -a 256 --check "$(basename "$IMAGE").sha256")
mkdir "$MOUNTED"
hdiutil attach -quiet -readonly -nobrowse -mountpoint "$MOUNTED" "$IMAGE"
trap 'hdiutil detach -quiet "$MOUNTED" || true; rm -rf "$PLACE"' EXIT
mkdir "$PLACE/Applications"
ditto "$MOUNTED/Alcove.app" "$PLACE/Applications/Alcove.app"
codesign --verify --deep --strict "$PLACE/Applications/Alcove.app"
plutil -lint "$PLACE/Applications/Alcove.app/Contents/Info.plist"

ALCOVE=$PLACE/Applications/Alcove.app/Contents/MacOS/alcove
SAMPLES=$(find "$PLACE/Applications/Alcove.app/Contents" -type d -path '*/app/_shipped/resources/samples' | head -n 1)
"$ALCOVE" --version
touch "$PLACE/Applications/portable"
"$ALCOVE" ask "$QUESTION" --in "$SAMPLES" --json | tee "$PLACE/answer.json"
grep -q dishwasher-guide.pdf "$PLACE/answer.json"
test -f "$PLACE/Applications/alcove-data/index.db"
"$ALCOVE" --self-test
