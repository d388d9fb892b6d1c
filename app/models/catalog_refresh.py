"""Which GGUF files a repository has, with sizes and checksums: asked of the hub only when the person wants it.

The hub library is used for this metadata alone. What it said is kept, one small file a repository, and is shown
with its date when there is no network.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.base.errors import AppError
from app.base.files import write_error, write_text
from app.base.web_address import is_web_address
from app.hardware.processor import quick_types
from app.models.download.address import HUB, FileAddress, is_repository
from app.models.download.failures import ConnectionLost, ServerBusy, refusal
from app.models.download.remote import RemoteFile, gave_up, no_hub
from app.models.naming import is_later_part, is_plain, part_names, stem_of

_VERSION = 1
_TIMEOUT_S = 20.0
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_MODELS = re.compile(r"mmproj|imatrix", re.IGNORECASE)  # part for pictures; measurements for quantising
# The last of these words in a file name. “UD-” marks a publisher's own mixtures.
_QUANTISATION = re.compile(
    r"(?<![A-Z0-9])((?:UD-)?(?:I?Q\d(?:_[0-9A-Z]{1,3})*|TQ\d_\d|(?:MX|NV)FP4(?:_MOE)?|BF16|FP?16|FP?32))(?![A-Z0-9])"
)
_FULL_NAMES = {"FP16": "F16", "FP32": "F32"}


@dataclass(frozen=True, slots=True)
class GgufChoice:
    """One model to download, in one file or several. `quantisation`: from the file's name, "" when it names none."""

    name: str
    quantisation: str
    files: tuple[RemoteFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class FileList:
    """What a repository had at `commit`; `fetched` is when that was asked (with time zone). Smallest choice first."""

    repository: str
    endpoint: str
    commit: str
    fetched: datetime
    choices: tuple[GgufChoice, ...]


def refresh(
    repository: str,
    folder: Path,
    *,
    endpoint: str = HUB,
    token: str | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> FileList:
    """Ask the hub at `endpoint` for the files of `repository` (owner/name), and keep the answer in `folder`.

    Raises `AppError`: offline, not found, gated, no hub; what was known before is then kept.
    """
    commit, files = _ask(repository, endpoint, token, timeout_s)
    found = [each for each in files if _sound(each.file, each.bytes, each.sha256)]
    listed = FileList(repository, endpoint, commit, datetime.now(UTC), tuple(_choices(found)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    write_text(_kept(repository, folder), json.dumps(_as_json(listed), indent=1))
    return listed


def list_files(
    repository: str, *, endpoint: str = HUB, token: str | None = None, timeout_s: float = _TIMEOUT_S
) -> tuple[RemoteFile, ...]:
    """Every file of `repository`, of whatever kind; the answer is not kept. Raises `AppError` as `refresh` does.

    Small files that the hub keeps in git have no `sha256`.
    """
    return _ask(repository, endpoint, token, timeout_s)[1]


def last_known(repository: str, folder: Path) -> FileList | None:
    """The list as it was last fetched into `folder`; None when it never was, or cannot be read any more."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_kept(repository, folder).read_text(encoding="utf-8"))
        if kept["version"] == _VERSION and kept["repository"] == repository:
            return _from_json(kept)
    return None


def suggested(files: FileList, quantisations: Sequence[str]) -> GgufChoice | None:
    """The choice to offer first: of the first of `quantisations` that there is, else one of as many bits, of a type that
    this processor computes fast where there is one.
    """
    quick = quick_types()
    choices = sorted(files.choices, key=lambda choice: choice.quantisation not in quick)
    for same in (lambda has, wanted: has == wanted, lambda has, wanted: _bits(has) == _bits(wanted) != ""):
        for wanted in quantisations:
            for choice in choices:
                if same(choice.quantisation, wanted):
                    return choice
    return None


def quantisation_of(name: str) -> str:
    """How a GGUF file is quantised, by its name, as llama.cpp writes it: `Q4_K_M`; "" when the name does not say."""
    found = _QUANTISATION.findall(stem_of(name).upper())
    return _FULL_NAMES.get(found[-1], found[-1]) if found else ""


def _ask(
    repository: str, endpoint: str, token: str | None, timeout_s: float
) -> tuple[str, tuple[RemoteFile, ...]]:
    """The commit and its files. Names and figures come from a stranger."""
    address = FileAddress(repository, "the list of files", endpoint)
    if not is_repository(repository):
        raise AppError(f"“{repository}” names no repository.", "It reads owner/name.")
    if not is_web_address(endpoint):
        raise AppError(f"“{endpoint}” is no web address.", "Check the address of the mirror in the settings.")
    with _asking(address, token):
        info = _hub(endpoint).model_info(
            repository, files_metadata=True, token=token or False, timeout=timeout_s
        )
        commit, files = str(info.sha), []
        for each in info.siblings or ():
            size, sha256 = (each.lfs.size, str(each.lfs.sha256)) if each.lfs else (each.size, "")
            etag = sha256 or str(each.blob_id or "")
            if type(size) is int and size > 0 and etag:
                name = str(each.rfilename)
                files.append(RemoteFile(repository, name, endpoint, commit, size, sha256, commit, etag))
        if not _COMMIT.fullmatch(commit):
            raise no_hub(address)
    return commit, tuple(files)


def _bits(quantisation: str) -> str:
    found = re.search(r"\d+", quantisation)
    return found[0] if found else ""


def _hub(endpoint: str) -> Any:
    from huggingface_hub import HfApi, constants

    # Otherwise it tells what else is installed. The library reads the environment once, perhaps long ago.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    return HfApi(endpoint=endpoint.rstrip("/"), library_name="alcove")


@contextmanager
def _asking(address: FileAddress, token: str | None) -> Iterator[None]:
    """The hub library's failures as `AppError`."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except HfHubHTTPError as error:
        status, headers = error.response.status_code, error.response.headers
        raise _told(address, refusal(address, status, headers, token=token is not None)) from error
    except OfflineModeIsEnabled as error:
        raise AppError(
            "The hub library is set to work offline.", "Unset HF_HUB_OFFLINE and try again."
        ) from error
    except httpx2.TimeoutException as error:
        raise _told(address, ConnectionLost(f"{address.host} did not answer in time")) from error
    except httpx2.TransportError as error:
        raise _told(address, ConnectionLost(f"{address.host} cannot be reached")) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # no JSON, or not the hub's
        raise no_hub(address) from error


def _told(address: FileAddress, error: Exception) -> Exception:
    return gave_up(address, error) if isinstance(error, ConnectionLost | ServerBusy) else error


def _sound(name: str, size: Any, sha256: Any) -> bool:
    """Whether it is a model file that can be stored and checked; names and figures come from a stranger."""
    plain = is_plain(name.rpartition("/")[2]) and not _NOT_MODELS.search(name)
    return plain and type(size) is int and size > 0 and bool(_SHA256.fullmatch(str(sha256)))


def _choices(files: Iterable[RemoteFile]) -> list[GgufChoice]:
    """One for each model; sets in several files only when all of them are there."""
    held: Mapping[str, RemoteFile] = {file.file: file for file in files}
    choices = []
    for path in held:
        folder, slash, name = path.rpartition("/")
        if is_later_part(name):
            continue
        parts = [held.get(f"{folder}{slash}{part}") for part in part_names(name)]
        whole = tuple(part for part in parts if part is not None)
        if len(whole) == len(parts):
            choices.append(GgufChoice(stem_of(name), quantisation_of(name), whole))
    return sorted(choices, key=lambda choice: (choice.bytes, choice.name))


def _kept(repository: str, folder: Path) -> Path:
    return folder / f"{repository.casefold().replace('/', '--')}.json"


def _as_json(files: FileList) -> dict[str, Any]:
    held = [
        {"file": file.file, "bytes": file.bytes, "sha256": file.sha256}
        for choice in files.choices
        for file in choice.files
    ]
    return {"version": _VERSION, "repository": files.repository, "endpoint": files.endpoint, "commit": files.commit,
            "fetched": files.fetched.isoformat(), "files": held}  # fmt: skip


def _from_json(kept: dict[str, Any]) -> FileList:
    """Raises `ValueError`, `KeyError` or `TypeError` when it is not what `_as_json` writes."""
    repository, endpoint, commit = kept["repository"], kept["endpoint"], kept["commit"]
    found = [
        RemoteFile(
            repository, each["file"], endpoint, commit, each["bytes"], each["sha256"], commit, each["sha256"]
        )
        for each in kept["files"]
        if _sound(each["file"], each["bytes"], each["sha256"])
    ]
    return FileList(
        repository, endpoint, commit, datetime.fromisoformat(kept["fetched"]), tuple(_choices(found))
    )
