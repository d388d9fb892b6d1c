#!/usr/bin/env bash
# make package-test: installs the .deb in a bare Debian without Python, and without a network asks, shows the window, kills it,
# upgrades and removes it. Needs root, debootstrap, Xvfb, xwininfo and ImageMagick. Writes what it measured to
# build/package/report.txt and a picture of the window beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "package-test needs root: it makes a Debian of its own to install into" >&2; exit 1; }
# mounts made below are seen by nobody else, and gone at the end
[ "${ALCOVE_TEST_ALONE:-}" = 1 ] || ALCOVE_TEST_ALONE=1 exec unshare --mount --propagation private bash "$0" "$@"

BUILD=$PWD/build/package
ROOT=$BUILD/root
CLEAN=$BUILD/bookworm.tar
REPORT=$BUILD/report.txt
MIRROR=${MIRROR:-http://deb.debian.org/debian}
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' app/__init__.py)
DEB=dist/alcove_${VERSION}_amd64.deb
RUN=dist/alcove-$VERSION-x86_64.run
SAMPLES=/opt/alcove/_internal/app/_shipped/resources/samples
QUESTION="How long is the warranty on my dishwasher?"
SCREEN=:97
: > "$REPORT"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
note() { printf '%-58s %s\n' "$1" "$2" | tee -a "$REPORT"; }
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

shown() { # prints the seconds until a window called Alcove is on the screen; leaves the command running as $SHOWN
    local started
    started=$(now)
    "$@" >"$BUILD/window.log" 2>&1 &
    SHOWN=$!
    for _ in $(seq 2000); do
        if DISPLAY=$SCREEN xwininfo -root -tree 2>/dev/null | grep -q '"Alcove": ("alcove'; then
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
closed() { # kill the window shown last, and wait until its workers, whose command is like $1, are gone too
    kill -9 "$(pgrep -P "$SHOWN")" 2>/dev/null || true
    wait "$SHOWN" 2>/dev/null || true
    for _ in $(seq 100); do
        pgrep -f "$1" >/dev/null || return 0
        sleep 0.1
    done
    fail "workers are left after the window was killed: $(pgrep -af "$1")"
}
middle() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

windows() {
    say "The window"
    mkdir -p "$ROOT/tmp/.X11-unix"
    Xvfb $SCREEN -screen 0 1366x768x24 -nolisten tcp >/dev/null 2>&1 &
    local server=$! frozen="" source=""
    sleep 1
    mount --bind /tmp/.X11-unix "$ROOT/tmp/.X11-unix"
    cold
    shown the_window
    note "window, first start from a cold disk" "$SECONDS_SHOWN s"
    sleep 4
    import -display $SCREEN -window root "$BUILD/window.png"
    closed /opt/alcove/alcove
    for _ in 1 2 3 4 5; do
        shown the_window; frozen+="$SECONDS_SHOWN"$'\n'; sleep 1; closed /opt/alcove/alcove
        shown the_source; source+="$SECONDS_SHOWN"$'\n'; sleep 1; closed "-m app --worker"
    done
    frozen=$(printf %s "$frozen" | middle)
    source=$(printf %s "$source" | middle)
    note "window, warm, of the package (middle of 5)" "$frozen s"
    note "window, warm, of the source (middle of 5)" "$source s"
    local ratio
    ratio=$(awk -v a="$frozen" -v b="$source" 'BEGIN { printf "%.2f", a / b }')
    note "ratio (limit 1.5)" "$ratio"
    note "killed: no worker is left, and it starts again" yes
    kill $server
    awk -v a="$ratio" 'BEGIN { exit a > 1.5 }' || fail "the window takes too long"
}

fresh_root
refused_without_avx2

say "An older version, and data made with it"
DEB_VERSION=0.0.1~older DEB_COMPRESSION=zstd bash packaging/linux/make_deb.sh >/dev/null
install_deb dist/alcove_0.0.1~older_amd64.deb || fail "the older version cannot be installed"
rm dist/alcove_0.0.1~older_amd64.deb
if inside sh -c 'command -v python3' >/dev/null; then fail "installing brought a Python"; fi
person alcove index "$SAMPLES" --json > "$BUILD/index.json" || fail "the samples cannot be indexed"

say "The upgrade"
started=$(now)
install_deb "$DEB" || fail "it cannot be installed"
note "installing" "$(since "$started") s"
inside dpkg -s alcove | grep -q "^Version: $VERSION$" || fail "another version is installed"
person alcove index --json | grep -q '"indexed": *0' || fail "the library was not kept"
note "the library made before the upgrade is kept" yes
note "installed" "$(du -sm "$ROOT/opt/alcove" | cut -f1) MiB"

say "Asking, without a network"
rm -rf "$ROOT/home/person/.local" "$ROOT/home/person/.cache" "$ROOT/home/person/.config"
cold
first=$(ask)
note "first answer from a cold start, samples read (limit 15 s)" "$first s"
note "the same again" "$(ask) s"
person alcove --self-test | tee "$BUILD/self-test.txt" || fail "the self-test"
windows

say "Removing it"
person alcove index "$SAMPLES" --json >/dev/null
inside apt-get remove -y -qq alcove >/dev/null 2>&1
inside apt-get purge -y -qq alcove >/dev/null 2>&1
[ ! -e "$ROOT/opt/alcove" ] && [ ! -e "$ROOT/usr/bin/alcove" ] || fail "something is left of the program"
[ -f "$ROOT/home/person/.local/share/alcove/user.db" ] && [ -f "$ROOT/home/person/.local/share/alcove/index.db" ] || fail "data is gone"
note "removed whole; the person's data is still there" yes

if [ -f "$RUN" ]; then
    say "The installer for one person"
    cp "$RUN" "$ROOT/tmp/alcove.run"
    started=$(now)
    person sh /tmp/alcove.run >"$BUILD/run.log" 2>&1 || { cat "$BUILD/run.log"; fail "the .run file"; }
    note "installing for one person" "$(since "$started") s"
    person /home/person/.local/bin/alcove --self-test >"$BUILD/self-test-run.txt" || { cat "$BUILD/self-test-run.txt"; fail "self-test"; }
    person /home/person/.local/lib/alcove/uninstall.sh >/dev/null
    [ ! -e "$ROOT/home/person/.local/lib/alcove" ] && [ -f "$ROOT/home/person/.local/share/alcove/user.db" ] || fail "uninstall.sh"
    note "works, and was removed; the person's data is still there" yes
fi
awk -v a="$first" 'BEGIN { exit a > 15 }' || fail "the first answer takes too long"
say "All of it works. Measured:"
cat "$REPORT"
