"""A thousand hostile files indexed as a person would: the state of each, memory and time of the readers, no unpickling,
no network. Run: python -m benchmarks.adversarial [--keep FOLDER] [--no-ocr]

The files are no part of the project; without them nothing is measured. Network calls are seen by `strace`, unpickling by
an audit hook in every process.
"""

import argparse
import contextlib
import csv
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.base.jobs import CancelToken
from app.base.paths import DataPaths, find_paths
from app.documents.document import Verdict
from app.documents.limits import MIB
from app.retrieval.client import Library
from app.retrieval.preferences import Preferences
from app.retrieval.protocol import IndexFinished, IndexProgress, Rules
from app.storage.passages import IndexedFile, IndexReader
from benchmarks.libraries import shared_data
from benchmarks.processes import peak_bytes

_MOST_RESIDENT = 1536 * MIB
_MOST_S = 600.0
_LOOK_S = 0.1
_INSIDE = "--inside"  # the run itself, which the outer one watches
_AUDIT = "ALCOVE_AUDIT"
_HOOK = f"""
import os, sys
def note(event, arguments):
    if event == "pickle.find_class":
        with open(os.environ["{_AUDIT}"], "a") as log:
            log.write(f"{{arguments}} in {{sys.argv}}\\n")
if "{_AUDIT}" in os.environ:
    sys.addaudithook(note)
"""
_INTERNET = re.compile(r"AF_INET6?\b")

_UNREAD = {
    Verdict.locked,
    Verdict.empty,
    Verdict.unsupported,
    Verdict.damaged,
    Verdict.too_large,
}
_SOME_END = set(Verdict) - {Verdict.timed_out, Verdict.unreadable, Verdict.changed}
# expected class of the manifest -> the states that honour it; an archive with readable documents counts as text
_ALLOWED = {
    "text": {Verdict.indexed, Verdict.partial},
    "locked-or-text": {Verdict.locked, Verdict.indexed, Verdict.partial, Verdict.empty, Verdict.unsupported},
    "empty": {Verdict.empty},
    "answer-unmoved": {Verdict.indexed},
    "inert": _UNREAD,
    "model-rejected": _UNREAD,
    "walk-survives": _SOME_END,
    "text-or-error": _SOME_END,
    "limit": _SOME_END | {Verdict.timed_out},  # a bomb that time defuses has met a limit too
}
# Named "text" or "model-rejected" by their sources; for Alcove they rightly have none, or have some.
_EXCEPTIONS = tuple(
    """
    Jackson.htmlz Jackson.mobi encrypted_no_password.xls libreoffice.xlsx simple.unknown
    js-authors.pdf js-colors.pdf testHTML_head.html
    testAltChunkHTML.docx testAltChunkMHT.docx testODTEmbeddedImageLink.odt
    testEXCEL_embeddedPDF_mac.xls testEXCEL_embeddedPDF_windows.xlsx
    49-lfs-pointer.gguf
    """.split()
)


@dataclass(slots=True)
class Watched:
    """What was seen of a run from outside. Peaks in bytes."""

    reader_peak: int = 0
    worker_peak: int = 0
    readers: set[int] = field(default_factory=set)


def main() -> None:
    arguments = _arguments()
    if arguments.inside:
        _index(arguments.folder, find_paths(arguments.home), ocr=not arguments.no_ocr)
        return
    shared = shared_data()
    if shared is None or not (shared / "adversarial").is_dir():
        print("skipped: the hostile files are not here (set ALCOVE_SHARED)")
        return
    with tempfile.TemporaryDirectory() as name:
        work = arguments.keep or Path(name)
        work.mkdir(parents=True, exist_ok=True)
        expected = _copy(shared / "adversarial", work / "documents")
        _run(work, expected, ocr=not arguments.no_ocr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work in this folder and leave it")
    parser.add_argument("--no-ocr", action="store_true", help="leave scans and pictures alone")
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _copy(source: Path, target: Path) -> dict[Path, str]:
    """A copy that may be written to, and the archive of odd names unpacked beside it; returns what each file is expected to be."""
    expected = {}
    with (source / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            path = target / row["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / row["path"], path)
            expected[path] = row["expect"]
            if row["expect"] == "walk-survives":
                with tarfile.open(path, encoding="utf-8", errors="surrogateescape") as archive:
                    archive.extractall(target, filter="fully_trusted")
    return expected


def _run(work: Path, expected: dict[Path, str], *, ocr: bool) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    watched, code, told = _watched_run(work, ocr=ocr)
    took = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    reader = IndexReader(find_paths(work / "home").index_db)
    rows = {Path(each.path): each for each in reader.files()}
    reader.close()
    wrong = list(_wrong_states(expected, rows))
    wrong += _lost_names(work / "documents", rows, told)
    wrong += _left_behind(work)
    if code:
        wrong.append(f"the run ended with code {code}")
    if watched.reader_peak > _MOST_RESIDENT:
        wrong.append(f"a reader held {watched.reader_peak / MIB:.0f} MB")
    if took > _MOST_S:
        wrong.append(f"the run took {took:.0f} s (limit {_MOST_S:.0f} s)")
    _print_table(expected, rows)
    print(
        f"{len(expected)} files, {len(rows)} with members: {took:.0f} s, {processor:.0f} s of processor time"
        f" ({_stages(told)}); {len(watched.readers)} readers, at most {watched.reader_peak / MIB:.0f} MB,"
        f" index worker {watched.worker_peak / MIB:.0f} MB"
    )
    print(f"{len(wrong)} violations" if wrong else "no violations")
    for each in wrong:
        print(f"  {each}")


def _watched_run(work: Path, *, ocr: bool) -> tuple[Watched, int, dict[str, object]]:
    """Index in a process of its own, looked at from outside."""
    hook = work / "hook"
    hook.mkdir(exist_ok=True)
    (hook / "sitecustomize.py").write_text(_HOOK)
    command = [
        sys.executable, "-m", "benchmarks.adversarial", _INSIDE,
        "--folder", str(work / "documents"), "--home", str(work / "home"),
    ]  # fmt: skip
    if not ocr:
        command.append("--no-ocr")
    if shutil.which("strace"):
        calls = "trace=connect,sendto,sendmsg,sendmmsg"
        command = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", calls, "-o", str(work / "strace"), *command]
    else:
        print("skipped: no strace here, so network calls are not looked for")
    environment = {**os.environ, "PYTHONPATH": str(hook), _AUDIT: str(work / "unpickled")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    watched = Watched()
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, watched, done))
    watcher.start()
    out, _ = process.communicate()
    done.set()
    watcher.join()
    return watched, process.returncode, json.loads(out) if out.strip() else {}


def _watch(front: int, watched: Watched, done: threading.Event) -> None:
    while not done.wait(_LOOK_S):
        with contextlib.suppress(psutil.Error):
            for each in psutil.Process(front).children(recursive=True):
                with contextlib.suppress(psutil.Error, OSError, ValueError):
                    _look(each, watched)


def _look(process: psutil.Process, watched: Watched) -> None:
    line = process.cmdline()
    if "strace" in line[:1]:
        return
    peak = peak_bytes(process.pid)
    if "app.documents.reader_worker" in line:
        watched.readers.add(process.pid)
        watched.reader_peak = max(watched.reader_peak, peak)
    elif "app.retrieval.worker" in line:
        watched.worker_peak = max(watched.worker_peak, peak)


def _index(folder: Path, paths: DataPaths, *, ocr: bool) -> None:
    """What a person does: one folder, everything in it. Prints the result as JSON."""
    paths.prepare()
    library = Library(paths, lambda: Preferences(Rules(hidden=True, recognise=ocr)))
    started = time.monotonic()
    stages: dict[str, float] = {}
    finished = None
    for event in library.refresh([str(folder)], CancelToken()):
        if isinstance(event, IndexProgress):
            stages[event.stage] = round(time.monotonic() - started, 1)
        else:
            finished = event
    assert isinstance(finished, IndexFinished)
    library.close()
    failures = {each.file: each.state for each in finished.failures}
    print(json.dumps({"stages": stages, "failures": failures, "passages": finished.passages}))


def _wrong_states(expected: dict[Path, str], rows: dict[Path, IndexedFile]) -> Iterator[str]:
    readable = {Path(each.container) for each in rows.values() if each.container and each.passages}
    for path, expect in expected.items():
        row = rows.get(path)
        if row is None:
            yield f"{path}: {expect}, but it is not in the index"
        elif not path.name.endswith(_EXCEPTIONS) and row.state not in _ALLOWED[expect]:
            holds = path in readable or expect not in ("text", "answer-unmoved")
            if row.state != Verdict.archive or not holds:
                yield f"{path}: {expect}, but {row.state}: {row.reason}"
    for path, row in rows.items():
        if row.container and row.state not in _SOME_END:
            yield f"{path}: {row.state}: {row.reason}"
        if row.state not in (Verdict.indexed, Verdict.archive) and not row.reason.endswith("."):
            yield f"{path}: {row.state} without a sentence: {row.reason!r}"
        if row.waiting:
            yield f"{path}: {row.waiting} passages without a vector"


def _lost_names(folder: Path, rows: dict[Path, IndexedFile], told: dict[str, object]) -> Iterator[str]:
    """Every regular file is in the index or among what is told; nothing outside the folder is."""
    failures = told.get("failures", {})
    assert isinstance(failures, dict)
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            shown = os.fsencode(path).decode(errors="replace")
            if stat.S_ISREG(path.lstat().st_mode) and path not in rows and shown not in failures:
                yield f"{shown}: neither read nor named"
    for path in rows:
        if not path.is_relative_to(folder):
            yield f"{path}: outside the folder"


def _left_behind(work: Path) -> Iterator[str]:
    """What must not have happened: unpickling, a packet, a command run by a name."""
    unpickled, calls = work / "unpickled", work / "strace"
    for line in unpickled.read_text().splitlines() if unpickled.exists() else ():
        yield f"unpickled: {line}"
    for line in calls.read_text(errors="replace").splitlines() if calls.exists() else ():
        if _INTERNET.search(line):
            yield f"network: {line}"
    for place in (work, Path.cwd()):
        for canary in place.rglob("*CANARY*") if place == work else place.glob("*CANARY*"):
            if "touch" not in canary.name and "documents" not in canary.relative_to(place).parts:
                yield f"{canary}: a canary"


def _print_table(expected: dict[Path, str], rows: dict[Path, IndexedFile]) -> None:
    for expect in sorted(set(expected.values())):
        states = Counter(
            rows[path].state if path in rows else "missing"
            for path, each in expected.items()
            if each == expect
        )
        listed = ", ".join(f"{count} {state}" for state, count in states.most_common())
        print(f"  {expect:16} {sum(states.values()):4}  {listed}")
    members = Counter(each.state for each in rows.values() if each.container)
    print(
        f"  {'(in archives)':16} {sum(members.values()):4}  "
        + ", ".join(f"{count} {state}" for state, count in members.most_common())
    )


def _stages(told: dict[str, object]) -> str:
    stages = told.get("stages")
    return (
        ", ".join(f"{stage} until {s:.0f} s" for stage, s in stages.items())
        if isinstance(stages, dict)
        else ""
    )


if __name__ == "__main__":
    main()
