#!/bin/sh
# Removes what the installer put there. What Alcove knows of your documents stays, in the data folder.
set -eu
target='@TARGET@'
share='@SHARE@'
programs='@PROGRAMS@'
if [ "$(readlink "$programs/alcove" 2>/dev/null)" = "$target/alcove" ]; then rm -f "$programs/alcove"; fi
rm -f "$share/applications/alcove.desktop" "$share"/icons/hicolor/*/apps/alcove.png "$share/icons/hicolor/scalable/apps/alcove.svg"
rm -rf "$target"
update-desktop-database "$share/applications" 2>/dev/null || true
echo "Alcove is removed. Your conversations and its library are still in $share/alcove"
