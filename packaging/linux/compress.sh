#!/bin/sh
# Packs what comes in as the Debian package is packed: DEB_COMPRESSION, xz or zstd.
# Machine code packs a tenth better where the addresses of calls are made absolute first. dpkg reads that, as any program
# that reads xz does, but cannot write it.
set -eu
case ${DEB_COMPRESSION:-xz} in
    xz) exec xz --threads=0 --x86 --lzma2=preset=9e,dict=128MiB ;;
    zstd) exec zstd --quiet --threads=0 -6 ;;
    *) echo "DEB_COMPRESSION is xz or zstd" >&2; exit 1 ;;
esac
