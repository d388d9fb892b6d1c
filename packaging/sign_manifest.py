"""Writes and signs the manifest that tells copies of Alcove of a newer version; for those who publish one.

    python packaging/sign_manifest.py keys KEYFILE
    python packaging/sign_manifest.py sign --url https://HOST/FOLDER/ --page https://HOST/PAGE --news FILE [--key KEYFILE]

`keys` makes a private key (PEM) and prints the public one, which belongs into resources/updates.json before a build.
`sign` looks at the installers in dist/ and writes updates.json and updates.json.sig there: both are put where
resources/updates.json says, the installers below --url. FILE has what is new, one short line each.

The private key is read from --key or from the environment variable ALCOVE_SIGNING_KEY (the PEM itself); its password, if it
has one, from ALCOVE_SIGNING_PASSWORD. It never lies in the project.
"""

import argparse
import base64
import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from app import __version__  # noqa: E402
from app.base.errors import AppError  # noqa: E402
from app.base.files import sha256_of, write_text  # noqa: E402
from app.base.paths import resource  # noqa: E402
from app.updates.manifest import FORMAT, KIND, MOST_BYTES, is_signed, read_manifest  # noqa: E402
from app.updates.source import FILE  # noqa: E402

# alcove_0.2.0_amd64.deb, Alcove-0.2.0-x64-setup.exe; with a word such as light or metal, too
_INSTALLER = re.compile(
    r"[Aa]lcove(?:-(?P<before>[a-z]+))?[-_](?P<version>\d[0-9A-Za-z.+~]*)[-_](?P<cpu>amd64|x86_64|x64|arm64)"
    r"(?:-(?P<after>[a-z]+))??(?P<ending>-setup\.exe|-portable\.zip|\.deb|\.run|\.AppImage|\.dmg)"
)
_KINDS = {
    ".deb": ("linux", "deb"),
    ".run": ("linux", "run"),
    ".AppImage": ("linux", "appimage"),
    "-setup.exe": ("windows", "setup"),
    "-portable.zip": ("windows", "portable"),
    ".dmg": ("macos", "dmg"),
}
_CPUS = {"amd64": "x86_64", "x64": "x86_64"}
_ENDINGS = (".deb", ".run", ".AppImage", ".exe", ".zip", ".dmg")


def make_keys(file: Path) -> str:
    """Write a private key that only its owner can read; returns the public one in base64. Raises `AppError`."""
    file = file.absolute()
    if file.resolve().is_relative_to(ROOT):
        raise AppError("A private key does not belong into the project.", "Name a file outside of it.")
    password = os.environ.get("ALCOVE_SIGNING_PASSWORD", "").encode()
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
    )
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise AppError(f"{file} could not be made ({error.strerror}).", "Name another file.") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(pem)
    return base64.b64encode(public_key(key)).decode()


def read_key(file: Path | None) -> Ed25519PrivateKey:
    """From `file`, or from the environment. Raises `AppError`."""
    try:
        pem = file.read_bytes() if file else os.environ.get("ALCOVE_SIGNING_KEY", "").encode()
    except OSError as error:
        raise AppError(f"{file} cannot be read ({error.strerror}).", "Check its permissions.") from error
    if not pem.strip():
        raise AppError(
            "There is no key to sign with.", "Name its file with --key, or set ALCOVE_SIGNING_KEY."
        )
    password = os.environ.get("ALCOVE_SIGNING_PASSWORD", "").encode() or None
    try:
        key = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError) as error:
        raise AppError(
            f"The key cannot be read ({error}).", "Check the file and ALCOVE_SIGNING_PASSWORD."
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AppError("The key is no Ed25519 key.", "Make one with “keys”.")
    return key


def public_key(key: Ed25519PrivateKey) -> bytes:
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return key.public_key().public_bytes(*raw)


def described(files: Iterable[Path], version: str, url: str) -> list[dict[str, Any]]:
    """What the manifest says of each installer among `files`. Raises `AppError` for one that is not of `version` or unknown."""
    found = []
    for file in sorted(files):
        if file.suffix not in _ENDINGS:
            continue
        match = _INSTALLER.fullmatch(file.name)
        if match is None or match["version"] != version:
            raise AppError(
                f"{file.name} is no installer of version {version}.", "Move it out of that folder."
            )
        system, edition = _KINDS[match["ending"]]
        found.append({
            "file": file.name, "url": url.rstrip("/") + "/" + quote(file.name), "system": system,
            "processor": _CPUS.get(match["cpu"], match["cpu"]),
            "edition": "-".join(filter(None, (edition, match["before"], match["after"]))),
            "bytes": file.stat().st_size, "sha256": sha256_of(file),
        })  # fmt: skip
    return found


def read_news(file: Path) -> list[str]:
    """Its lines that say something. Raises `AppError`, and `OSError` as `open` does."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise AppError(f"{file} is not written in UTF-8.", "Save it as UTF-8.") from error
    return [each.strip() for each in lines if each.strip()]


def sign(folder: Path, content: bytes, key: Ed25519PrivateKey) -> None:
    """Write manifest and signature into `folder`, once they read as a copy of Alcove will read them. Raises `AppError`."""
    signature = base64.b64encode(key.sign(content)) + b"\n"
    if len(content) > MOST_BYTES or not is_signed(content, signature, [public_key(key)]):
        raise AppError("The manifest became too large.", "Shorten what is new.")
    try:
        read_manifest(content, "https://address.invalid/")
    except ValueError as error:
        raise AppError(
            f"Alcove would refuse this manifest: {error}.", "Check addresses, news and version."
        ) from error
    write_text(folder / FILE, content.decode())
    write_text(folder / f"{FILE}.sig", signature.decode())


def believed(key: Ed25519PrivateKey) -> bool:
    """Whether the copies that are built here would believe `key`."""
    keys = json.loads(resource(FILE).read_bytes())["public_keys"]
    return base64.b64encode(public_key(key)).decode() in keys


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    keys = commands.add_parser("keys", help="make a pair of keys")
    keys.add_argument("file", type=Path, metavar="KEYFILE")
    signing = commands.add_parser("sign", help="write and sign the manifest")
    signing.add_argument("--url", required=True, help="the folder that the installers can be fetched from")
    signing.add_argument("--page", required=True, help="where a person reads about this version")
    signing.add_argument("--news", required=True, type=Path, help="a file with what is new, one line each")
    signing.add_argument("--version", default=__version__, help="else this project's own")
    signing.add_argument("--dist", type=Path, default=ROOT / "dist", help="the folder with the installers")
    signing.add_argument("--key", type=Path, help="the private key; else ALCOVE_SIGNING_KEY")
    return parser.parse_args()


def _sign(arguments: argparse.Namespace) -> None:
    key = read_key(arguments.key)
    files = described(arguments.dist.iterdir(), arguments.version, arguments.url)
    if not files:
        raise AppError(f"There is no installer in {arguments.dist}.", "Build them first.")
    manifest = {
        "kind": KIND, "format": FORMAT, "version": arguments.version,
        "published": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "news": read_news(arguments.news), "page": arguments.page, "files": files,
    }  # fmt: skip
    sign(arguments.dist, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode(), key)
    for each in files:
        print(f"{each['system']:8} {each['edition']:10} {each['file']}")
    print(f"Signed: {arguments.dist / FILE} and {FILE}.sig")
    if not believed(key):
        print(
            "Its public key is not in resources/updates.json: copies built here would not believe it.",
            file=sys.stderr,
        )


def main() -> int:
    arguments = _arguments()
    try:
        if arguments.command == "keys":
            print(f"Public key, for resources/updates.json: {make_keys(arguments.file)}")
        else:
            _sign(arguments)
    except (AppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
