#!/bin/sh
# Installs Alcove for this person alone; run by the .run file after it has unpacked itself. --to DIR chooses the folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
target=$HOME/.local/lib/alcove
programs=$HOME/.local/bin
if [ "${1:-}" = --to ] && [ -n "${2:-}" ]; then target=$2; fi

flags=$(grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null || true)
for each in avx2 fma f16c bmi2; do
    case "$flags " in
        " " | *" $each "*) ;;
        *)
            echo "Alcove cannot run on this computer: its processor has no $each." >&2
            echo "Intel processors from 2013 and AMD processors from 2015 on have it. Nothing was installed." >&2
            exit 1
            ;;
    esac
done
if [ -e "$target" ] && [ ! -x "$target/alcove" ]; then
    echo "$target is there and is not Alcove. Nothing was installed; choose another folder with -- --to DIR." >&2
    exit 1
fi

echo "Installing Alcove into $target"
mkdir -p "$(dirname "$target")" "$programs" "$share/applications" "$share/icons"
rm -rf "$target.new" "$target.old"
mv "$here/alcove" "$target.new"
if [ -e "$target" ]; then mv "$target" "$target.old"; fi # an older one stays until the new one is in its place
mv "$target.new" "$target"
rm -rf "$target.old"
ln -sf "$target/alcove" "$programs/alcove"
cp -R "$here/share/icons/hicolor" "$share/icons/"
sed "s|^Exec=alcove|Exec=\"$target/alcove\"|" "$here/share/applications/alcove.desktop" > "$share/applications/alcove.desktop"
update-desktop-database "$share/applications" 2>/dev/null || true
sed "s|@TARGET@|$target|; s|@SHARE@|$share|; s|@PROGRAMS@|$programs|" "$target/uninstall.sh" > "$target/uninstall.new"
mv "$target/uninstall.new" "$target/uninstall.sh"
chmod 755 "$target/uninstall.sh"
echo "Done. Start it from the menu, or with $programs/alcove"
echo "To remove it: $target/uninstall.sh"
