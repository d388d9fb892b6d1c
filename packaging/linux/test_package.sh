#!/usr/bin/env bash
# make package-test: installs the .deb in a bare Debian without Python, and without a network asks, shows the window, kills it,
# upgrades and removes it; the same, shorter, with the .run file. EDITION=light tries the light edition. Where the other edition's
# .deb lies in dist/, too, each is installed over the other. Needs root, debootstrap, Xvfb, xwininfo and ImageMagick; with
# qemu-user-static it also runs on an emulated older processor. Writes what it measured, and how busy the machine was meanwhile, to
# build/package/report.txt (of the light edition: build/package/light/) and a picture of the window beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "package-test needs root: it makes a Debian of its own to install into" >&2; exit 1; }
# mounts made below are seen by nobody else, and gone at the end
[ "${ALCOVE_TEST_ALONE:-}" = 1 ] || ALCOVE_TEST_ALONE=1 exec unshare --mount --propagation private bash "$0" "$@"

export EDITION=${EDITION:-full}
CLEAN=$PWD/build/package/bookworm.tar
case $EDITION in
    full) BUILD=$PWD/build/package NAME=alcove OTHER=alcove-light KIND= ;;
    light) BUILD=$PWD/build/package/light NAME=alcove-light OTHER=alcove KIND=-light ;;
    *) echo "EDITION is full or light" >&2; exit 2 ;;
esac
export BUILD
ROOT=$BUILD/root
REPORT=$BUILD/report.txt
MIRROR=${MIRROR:-http://deb.debian.org/debian}
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
DEB=dist/${NAME}_${VERSION}_amd64.deb
OTHER_DEB=dist/${OTHER}_${VERSION}_amd64.deb
RUN=dist/alcove-$VERSION-x86_64$KIND.run
SAMPLES=/opt/alcove/_internal/app/_shipped/resources/samples
QUESTION="How long is the warranty on my dishwasher?"
SCREEN=:97
[ -f "$DEB" ] || { echo "There is no $DEB: make package EDITION=$EDITION builds it" >&2; exit 1; }
: > "$REPORT"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
note() { printf '%-58s %s\n' "$1" "$2" | tee -a "$REPORT"; }
# a time, with the load of the last minute: above the number of cores others computed too
timed() { note "$1" "$2 s (load $(cut -d' ' -f1 /proc/loadavg))"; }
fail() { printf 'FAILED: %s\n' "$*" | tee -a "$REPORT" >&2; exit 1; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
inside() { chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# an ordinary person, who has no network at all
person() {
    unshare --net chroot "$ROOT" setpriv --reuid=1000 --regid=1000 --clear-groups env -i PATH=/usr/bin:/bin HOME=/home/person \
        USER=person LANG=C.UTF-8 ALCOVE_TUNING=off "$@"
}
cold() { sync; echo 3 > /proc/sys/vm/drop_caches 2>/dev/null || echo "(the disk cache could not be emptied)"; }

fresh_root() {
    say "A bare Debian"
    if [ ! -f "$CLEAN" ]; then
        rm -rf "$ROOT"
        debootstrap --variant=minbase bookworm "$ROOT" "$MIRROR" >/dev/null
        tar -C "$ROOT" -cf "$CLEAN" .
    fi
    rm -rf "$ROOT" && mkdir -p "$ROOT" && tar -C "$ROOT" -xf "$CLEAN"
    cp -f /etc/resolv.conf "$ROOT/etc/resolv.conf"
    cp -f /etc/apt/apt.conf.d/*proxy* "$ROOT/etc/apt/apt.conf.d/" 2>/dev/null || true
    mount -t proc proc "$ROOT/proc"
    mount --bind /dev "$ROOT/dev"
    inside apt-get update -qq
    inside useradd --uid 1000 --create-home person
    if inside sh -c 'command -v python3' >/dev/null; then fail "there is a Python in the bare Debian"; fi
}

install_deb() {
    cp "$1" "$ROOT/tmp/alcove.deb"
    inside apt-get install -y -qq --no-install-recommends /tmp/alcove.deb >"$BUILD/apt.log" 2>&1 || { tail -20 "$BUILD/apt.log"; return 1; }
    rm "$ROOT/tmp/alcove.deb"
}

refused_without_avx2() {
    say "A processor without AVX2"
    sed 's/ avx2\b//' /proc/cpuinfo > "$BUILD/cpuinfo"
    mount --bind "$BUILD/cpuinfo" "$ROOT/proc/cpuinfo"
    if install_deb "$DEB" >/dev/null; then fail "it was installed on a processor without AVX2"; fi
    grep -q "its processor has no avx2" "$BUILD/apt.log" || fail "it did not say why"
    umount "$ROOT/proc/cpuinfo"
    [ ! -e "$ROOT/opt/alcove" ] || fail "something was installed all the same"
    note "refused before installing, where there is no AVX2" yes
}

ask() { # a question over the samples; prints the seconds it took
    local started
    started=$(now)
    person alcove ask "$QUESTION" --in "$SAMPLES" --json > "$BUILD/answer.json" 2>"$BUILD/answer.err" \
        || { cat "$BUILD/answer.err"; fail "no answer"; }
    grep -q '"answered": *true' "$BUILD/answer.json" || fail "not answered: $(cat "$BUILD/answer.json")"
    grep -q 'dishwasher-guide.pdf' "$BUILD/answer.json" || fail "another document: $(cat "$BUILD/answer.json")"
    since "$started"
}

on_an_older_processor() { # the program itself, copied to a machine it cannot run on
    local emulator
    emulator=$(command -v qemu-x86_64-static) || { note "on an emulated processor without AVX2" "not tried: no qemu-user-static"; return 0; }
    say "An emulated processor without AVX2"
    install -m755 "$emulator" "$ROOT/tmp/qemu"
    mount --bind "$BUILD/cpuinfo" "$ROOT/proc/cpuinfo"
    # as its starter leaves them to itself: starting itself once more it would leave the emulator
    if person _PYI_ARCHIVE_FILE=/opt/alcove/alcove _PYI_APPLICATION_HOME_DIR=/opt/alcove/_internal _PYI_PARENT_PROCESS_LEVEL=0 \
        LD_LIBRARY_PATH=/opt/alcove/_internal /tmp/qemu -cpu Nehalem /opt/alcove/alcove --self-test >"$BUILD/older.txt" 2>&1; then
        fail "it ran on a processor without AVX2"
    fi
    umount "$ROOT/proc/cpuinfo"
    rm "$ROOT/tmp/qemu"
    grep -q "its processor has no AVX2" "$BUILD/older.txt" || fail "it did not say why: $(cat "$BUILD/older.txt")"
    note "says why, on an emulated processor without AVX2" yes
}

shown() { # until a window called Alcove is on the screen: $SECONDS_SHOWN; leaves the command running as $SHOWN
    local started
    started=$(now)
    "$@" >"$BUILD/window.log" 2>&1 &
    SHOWN=$!
    for _ in $(seq 2000); do
        if DISPLAY=$SCREEN xwininfo -root -tree 2>/dev/null | grep -Eq '"Alcove": \("(alcove|__main__.py)"'; then
            SECONDS_SHOWN=$(since "$started")
            return
        fi
        sleep 0.01
    done
    cat "$BUILD/window.log"
    fail "no window"
}

the_window() { person DISPLAY=$SCREEN ALCOVE_HOME=/tmp/window-home alcove; }
the_source() { env DISPLAY=$SCREEN ALCOVE_TUNING=off ALCOVE_HOME="$BUILD/source-home" "$BUILD/venv/bin/python" -P -m app; }
the_run() { person DISPLAY=$SCREEN ALCOVE_HOME=/tmp/window-home /home/person/.local/bin/alcove; }
left_inside() { # what runs in the bare Debian
    local each
    for each in /proc/[0-9]*; do
        if [ "$(readlink "$each/root" 2>/dev/null)" = "$ROOT" ]; then
            tr '\0' ' ' < "$each/cmdline" 2>/dev/null || true
            echo
        fi
    done
}
left_of_source() { pgrep -af -- "^$BUILD/venv/bin/python" || true; }
closed() { # kill the window shown last, and wait until its workers, which $1 names, are gone too
    kill -9 "$(pgrep -P "$SHOWN")" 2>/dev/null || true
    wait "$SHOWN" 2>/dev/null || true
    for _ in $(seq 100); do
        [ -n "$($1)" ] || return 0
        sleep 0.1
    done
    fail "workers are left after the window was killed: $($1)"
}
middle() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

keeps_the_library() { grep -q '"indexed": *0' <<<"$(person alcove index --json)" || fail "the library was not kept"; }

over_the_other() { # the other edition over this one, and this one over the other again
    [ -f "$OTHER_DEB" ] || { note "the other edition over this one" "not tried: no $OTHER_DEB"; return 0; }
    say "The other edition over this one, and back"
    local each
    for each in "$OTHER $OTHER_DEB $NAME" "$NAME $DEB $OTHER"; do
        # shellcheck disable=SC2086
        set -- $each
        install_deb "$2" || fail "$1 cannot be installed over $3"
        [ "$(inside dpkg-query -W -f '${db:Status-Status}' "$1")" = installed ] || fail "$1 is not installed"
        [ "$(inside dpkg-query -W -f '${db:Status-Status}' "$3" 2>/dev/null)" != installed ] || fail "$3 is still installed"
        inside dpkg --verify "$1" || fail "files of $1 are missing"
        keeps_the_library
        person alcove --self-test >"$BUILD/self-test-$1.txt" || { cat "$BUILD/self-test-$1.txt"; fail "the self-test of $1"; }
    done
    note "the other edition over this one, and back: works, library kept" yes
}

screen() {
    mkdir -p "$ROOT/tmp/.X11-unix"
    # without -noreset it begins anew whenever nobody is connected, and drops who comes just then
    Xvfb $SCREEN -screen 0 1366x768x24 -nolisten tcp -noreset >/dev/null 2>&1 &
    SERVER=$!
    trap 'kill $SERVER' EXIT
    sleep 1
    kill -0 $SERVER || fail "no Xvfb on $SCREEN"
    mount --bind /tmp/.X11-unix "$ROOT/tmp/.X11-unix"
}

windows() {
    say "The window"
    local frozen="" source=""
    cold
    shown the_window
    timed "window, first start from a cold disk" "$SECONDS_SHOWN"
    sleep 4
    import -display $SCREEN -window root "$BUILD/window.png"
    [ "$(left_inside | grep -c -- --worker)" -gt 0 ] || fail "the window runs without workers"
    closed left_inside
    for _ in 1 2 3 4 5; do
        shown the_window; frozen+="$SECONDS_SHOWN"$'\n'; sleep 1; closed left_inside
        shown the_source; source+="$SECONDS_SHOWN"$'\n'; sleep 1; closed left_of_source
    done
    frozen=$(printf %s "$frozen" | middle)
    source=$(printf %s "$source" | middle)
    timed "window, warm, of the package (middle of 5)" "$frozen"
    timed "window, warm, of the source (middle of 5)" "$source"
    local ratio
    ratio=$(awk -v a="$frozen" -v b="$source" 'BEGIN { printf "%.2f", a / b }')
    note "ratio (limit 1.5)" "$ratio"
    RATIO=$ratio
    note "killed: no worker is left, and it starts again" yes
}

fresh_root
refused_without_avx2

say "An older version, and data made with it"
DIST=$BUILD/older DEB_VERSION=0.0.1~older DEB_COMPRESSION=zstd bash packaging/linux/make_deb.sh >/dev/null
install_deb "$BUILD/older/${NAME}_0.0.1~older_amd64.deb" || fail "the older version cannot be installed"
rm -r "$BUILD/older"
if inside sh -c 'command -v python3' >/dev/null; then fail "installing brought a Python"; fi
person alcove index "$SAMPLES" --json > "$BUILD/index.json" || fail "the samples cannot be indexed"

say "The upgrade"
started=$(now)
install_deb "$DEB" || fail "it cannot be installed"
timed "installing" "$(since "$started")"
[ "$(inside dpkg-query -W -f '${Version}' $NAME)" = "$VERSION" ] || fail "another version is installed"
keeps_the_library
note "the library made before the upgrade is kept" yes
note "installed" "$(du -sm "$ROOT/opt/alcove" | cut -f1) MiB"

say "Asking, without a network"
rm -rf "$ROOT/home/person/.local" "$ROOT/home/person/.cache" "$ROOT/home/person/.config"
cold
first=$(ask)
timed "first answer from a cold start, samples read (limit 15 s)" "$first"
timed "the same again" "$(ask)"
person alcove --self-test | tee "$BUILD/self-test.txt" || fail "the self-test"
on_an_older_processor
person alcove index "$SAMPLES" --json >/dev/null
over_the_other
screen
windows

say "Removing it"
inside apt-get purge -y -qq $NAME >"$BUILD/apt.log" 2>&1 || { tail -20 "$BUILD/apt.log"; fail "it cannot be removed"; }
[ ! -e "$ROOT/opt/alcove" ] && [ ! -e "$ROOT/usr/bin/alcove" ] || fail "something is left of the program"
[ -f "$ROOT/home/person/.local/share/alcove/user.db" ] && [ -f "$ROOT/home/person/.local/share/alcove/index.db" ] || fail "data is gone"
note "removed whole; the person's data is still there" yes

say "The installer for one person"
[ -f "$RUN" ] || fail "there is no $RUN"
cp "$RUN" "$ROOT/tmp/alcove.run"
started=$(now)
person sh /tmp/alcove.run >"$BUILD/run.log" 2>&1 || { cat "$BUILD/run.log"; fail "the .run file"; }
timed "installing for one person" "$(since "$started")"
[ ! -e "$ROOT/home/person/.local/lib/alcove.new" ] || fail "it left something lying about"
grep -q '^Exec="/home/person/.local/lib/alcove/alcove"' "$ROOT/home/person/.local/share/applications/alcove.desktop" || fail "no entry in the menu"
person /home/person/.local/bin/alcove --self-test >"$BUILD/self-test-run.txt" || { cat "$BUILD/self-test-run.txt"; fail "self-test"; }
shown the_run
timed "its window" "$SECONDS_SHOWN"
closed left_inside
person sh /tmp/alcove.run >"$BUILD/run.log" 2>&1 || { cat "$BUILD/run.log"; fail "the .run file over an older one"; }
person /home/person/.local/lib/alcove/uninstall.sh >/dev/null
rm "$ROOT/tmp/alcove.run"
[ ! -e "$ROOT/home/person/.local/lib/alcove" ] && [ ! -e "$ROOT/home/person/.local/bin/alcove" ] || fail "uninstall.sh left the program"
[ -f "$ROOT/home/person/.local/share/alcove/user.db" ] || fail "uninstall.sh took the person's data"
note "works, twice installed, and removed; the data is still there" yes

# times last: all the rest is tried where the machine is slow, too
awk -v a="$RATIO" 'BEGIN { exit a > 1.5 }' || fail "the window takes too long"
awk -v a="$first" 'BEGIN { exit a > 15 }' || fail "the first answer takes too long"
say "All of it works. Measured:"
cat "$REPORT"
