#!/usr/bin/env bash
# sign.sh FILE…: signs programs for Windows where a certificate is at hand, and says so where none is.
#
#   WINDOWS_CERTIFICATE            a PKCS #12 file (.pfx), base64
#   WINDOWS_CERTIFICATE_PASSWORD   its password
set -euo pipefail
if [ -z "${WINDOWS_CERTIFICATE:-}" ]; then
    echo "Not signed (no certificate): ${*##*/}" >&2
    exit 0
fi
SECRET=$(mktemp -d)
trap 'rm -rf "$SECRET"' EXIT
chmod 700 "$SECRET"
base64 --decode <<<"$WINDOWS_CERTIFICATE" > "$SECRET/certificate.pfx"
printf %s "${WINDOWS_CERTIFICATE_PASSWORD:-}" > "$SECRET/password"
for each in "$@"; do
    osslsigncode sign -pkcs12 "$SECRET/certificate.pfx" -readpass "$SECRET/password" -n Alcove -h sha256 \
        -ts "${TIMESTAMP_SERVER:-http://timestamp.digicert.com}" -in "$each" -out "$each.signed"
    mv "$each.signed" "$each"
done
