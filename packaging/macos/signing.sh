# Read by build.sh. Signs and notarises where the secrets for it are set; without them the app is signed for no one in
# particular, and macOS asks the person before the first start (System Settings, Privacy & Security, Open Anyway). Not run yet.
# shellcheck shell=bash
#
#   MACOS_CERTIFICATE            "Developer ID Application" certificate with its key, PKCS #12, base64
#   MACOS_CERTIFICATE_PASSWORD   its password
#   APPLE_API_KEY                key of App Store Connect for notarising (.p8), base64
#   APPLE_API_KEY_ID, APPLE_API_ISSUER

KEYCHAIN=

open_keychain() { # sets CODESIGN_IDENTITY, which the recipe of PyInstaller reads
    if [ -z "${MACOS_CERTIFICATE:-}" ]; then
        echo "Not signed: there is no certificate." >&2
        return
    fi
    local secret password
    secret=$(mktemp -d)
    password=$(uuidgen)
    KEYCHAIN=$secret/alcove.keychain-db
    base64 --decode <<<"$MACOS_CERTIFICATE" > "$secret/certificate.p12"
    security create-keychain -p "$password" "$KEYCHAIN"
    security set-keychain-settings -lut 7200 "$KEYCHAIN"
    security unlock-keychain -p "$password" "$KEYCHAIN"
    security import "$secret/certificate.p12" -k "$KEYCHAIN" -P "${MACOS_CERTIFICATE_PASSWORD:-}" -T /usr/bin/codesign
    rm "$secret/certificate.p12"
    security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$KEYCHAIN" >/dev/null
    # those that are searched already stay: a person's own machine is left as it was
    # shellcheck disable=SC2046
    security list-keychains -d user -s "$KEYCHAIN" $(security list-keychains -d user | tr -d '"')
    CODESIGN_IDENTITY=$(security find-identity -v -p codesigning "$KEYCHAIN" | sed -n 's/.*"\(Developer ID Application: .*\)"/\1/p' | head -n 1)
    [ -n "$CODESIGN_IDENTITY" ] || { echo "There is no Developer ID Application certificate in MACOS_CERTIFICATE" >&2; exit 1; }
    export CODESIGN_IDENTITY
}

close_keychain() {
    [ -z "$KEYCHAIN" ] || { security delete-keychain "$KEYCHAIN"; rm -rf "$(dirname "$KEYCHAIN")"; }
}

_notarise() { # FILE: a .zip or .dmg; waits until Apple has looked at it
    local key
    key=$(mktemp)
    base64 --decode <<<"$APPLE_API_KEY" > "$key"
    xcrun notarytool submit "$1" --key "$key" --key-id "$APPLE_API_KEY_ID" --issuer "$APPLE_API_ISSUER" --wait --timeout 1h
    rm "$key"
}

notarise_app() { # APP
    if [ -z "$KEYCHAIN" ] || [ -z "${APPLE_API_KEY:-}" ]; then
        echo "Not notarised." >&2
        return
    fi
    ditto -c -k --keepParent "$1" "$1.zip"
    _notarise "$1.zip"
    rm "$1.zip"
    xcrun stapler staple "$1"
}

sign_image() { # FILE.dmg
    [ -n "$KEYCHAIN" ] || return 0
    codesign --sign "$CODESIGN_IDENTITY" --timestamp "$1"
    [ -n "${APPLE_API_KEY:-}" ] || return 0
    _notarise "$1"
    xcrun stapler staple "$1"
    spctl --assess --type open --context context:primary-signature --verbose "$1"
}
