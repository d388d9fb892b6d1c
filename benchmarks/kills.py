"""Processes killed at random moments while documents are indexed: nothing that was acknowledged is lost, work is taken up
again, and the index ends as if nothing had happened. Run: python -m benchmarks.kills [NUMBER]

What was acknowledged is remembered by this process, which is not among the killed.
"""

import json
import queue
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.retrieval.client import Library
from app.retrieval.protocol import IndexProgress
from benchmarks.libraries import made_up_texts

_KILLS = 100
_FRONT = "--front"
_NEW_FILES = 24  # of each round
_WORDS = 25  # of a text: what is measured are kills, not embedding
_PATIENCE_S = 120.0
_LONGEST_WAIT_S = 5.0  # from the first sign of life to the kill
_RESTART_S = 5.0
_TOLD_EVERY = 20  # kills
_CONTENTS = """
    SELECT f.path, f.state, t.kind, t.number, t.label, t.state, t.text, p.start, p.end, p.heading, v.vector IS NOT NULL
    FROM files f LEFT JOIN places t ON t.file_id = f.id LEFT JOIN passages p ON p.place_id = t.id
    LEFT JOIN vectors v ON v.passage_id = p.id ORDER BY f.path, t.number, p.start"""

Target = Literal["worker", "front", "both", "reader"]
_TARGETS: tuple[Target, ...] = ("worker", "reader", "front", "reader", "both", "worker")


@dataclass(slots=True)
class Outcome:
    """`restarts`: seconds from the next start to its first sign of life. `wrong`: a sentence for each broken promise."""

    killed: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    passages: int = 0


def main() -> None:
    if sys.argv[1:2] == [_FRONT]:
        _serve(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    number = int(sys.argv[1]) if sys.argv[1:] else _KILLS
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        outcome = killed_runs(Path(name), number, seed=int(started))
    counts = ", ".join(f"{count} {target}" for target, count in outcome.killed.items())
    print(f"{outcome.killed.total()} kills ({counts}) in {time.monotonic() - started:.0f} s;"
          f" {outcome.passages} passages in the end")  # fmt: skip
    if outcome.restarts:
        print(f"first sign of life after a kill: median {statistics.median(outcome.restarts):.1f} s, longest"
              f" {max(outcome.restarts):.1f} s (limit {_RESTART_S:g} s on a machine at rest)")  # fmt: skip
    print(f"{len(outcome.wrong)} violations" if outcome.wrong else "no violations")
    for each in outcome.wrong:
        print(f"  {each}")


def killed_runs(
    work: Path, number: int, seed: int, *, scans: bool = True, longest_wait_s: float = _LONGEST_WAIT_S
) -> Outcome:
    """Index a folder that changes all the time, killing something `number` times."""
    folder, home = work / "documents", work / "home"
    folder.mkdir()
    find_paths(home).prepare()
    chance = random.Random(seed)
    outcome = Outcome()
    documents = _Documents(folder, chance, scans=scans)
    run = _Run(home, folder)
    try:
        after_kill = False
        for round in range(number):
            documents.change(round)
            target = _TARGETS[round % len(_TARGETS)]
            took = run.go()
            if after_kill:
                outcome.restarts.append(took)
            run.listen(chance.uniform(0, longest_wait_s))
            run.kill(target)
            after_kill = target != "reader"
            outcome.killed[target] += 1
            if outcome.killed.total() % _TOLD_EVERY == 0:
                print(f"  {outcome.killed.total()} kills, {len(outcome.wrong)} violations so far", flush=True)
            outcome.wrong += run.lost(documents.removed)
        for _ in range(2):  # the second one reads what changed while the first was under way
            run.go()
            run.finish()
        outcome.wrong += run.lost(documents.removed)
    finally:
        run.close()
    outcome.wrong += _compared(work, home, folder, outcome)
    return outcome


class _Documents:
    """Small documents of several kinds, of which some come, change, move and go in every round."""

    def __init__(self, folder: Path, chance: random.Random, *, scans: bool) -> None:
        self.removed: set[str] = set()
        self._folder = folder
        self._chance = chance
        self._scans = scans
        texts = made_up_texts(10**6, seed=chance.randrange(10**6))
        self._texts = (" ".join(text.split()[:_WORDS]) for text in texts)

    def change(self, round: int) -> None:
        here = sorted(self._folder.rglob("*.md"))
        for path in self._chance.sample(here, min(3, len(here))):
            path.write_text(path.read_text() + f"\n\n# Later\n\n{next(self._texts)}\n")
        here = sorted(self._folder.rglob("*.txt"))
        for number, path in enumerate(self._chance.sample(here, min(3, len(here)))):
            self.removed.add(str(path))
            if number:
                path.unlink()
            else:
                path.rename(path.with_name(f"moved-{round}-{path.name}"))
        folder = self._folder / f"{round:03}"
        folder.mkdir()
        for number in range(_NEW_FILES):
            text = next(self._texts)
            if number % 3:
                (folder / f"{number:02}.txt").write_text(text)
            else:
                (folder / f"{number:02}.md").write_text(
                    f"# Chapter {number}\n\n{text}\n\n# Again\n\n{next(self._texts)}\n"
                )
        shutil.copy(folder / "01.txt", folder / "copy.txt")
        with zipfile.ZipFile(folder / "letters.zip", "w") as archive:
            for number in range(3):
                archive.writestr(f"letter{number}.txt", next(self._texts))
        if self._scans and round % 8 == 0:
            _scan(folder / "scan.png", f"Invoice number {round} of the harbour office")


class _Run:
    """A front process that indexes when told to, and what it acknowledged."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._home = home
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._under_way = False
        self._started = 0.0
        self._done = 0
        self._files: set[str] = set()

    def go(self) -> float:
        """Begin a run unless one is under way; returns the seconds until it showed a sign of life."""
        if self._under_way:
            return 0.0
        began = time.monotonic()
        if self._process is None or self._process.poll() is not None:
            self._told = queue.SimpleQueue()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.kills", _FRONT, str(self._home), str(self._folder)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            threading.Thread(target=_collect, args=(self._process, self._told), daemon=True).start()
        assert self._process.stdin is not None
        self._started, self._done, self._under_way = time.time(), 0, True
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self._note(self._told.get(timeout=_PATIENCE_S))
        return time.monotonic() - began

    def listen(self, seconds: float) -> None:
        """Hear what is acknowledged, for so long or until the run ends."""
        deadline = time.monotonic() + seconds
        while self._under_way and (left := deadline - time.monotonic()) > 0:
            try:
                told = self._told.get(timeout=left)
            except queue.Empty:
                return
            self._note(told)

    def finish(self) -> None:
        """Listen until the run ends, however long it takes. Raises `queue.Empty` when nothing is heard any more."""
        while self._under_way:
            self._note(self._told.get(timeout=_PATIENCE_S))

    def kill(self, target: Target) -> None:
        """A run goes on when its reader is killed, and has ended when anything else is."""
        assert self._process is not None
        front = psutil.Process(self._process.pid)
        children = front.children(recursive=True)
        chosen = {
            "front": [front],
            "worker": _running(children, "app.retrieval.worker"),
            "reader": _running(children, "app.documents.reader_worker"),
            "both": [front, *_running(children, "app.retrieval.worker")],
        }[target]
        for each in chosen:
            each.send_signal(signal.SIGKILL)
        if target in ("front", "both"):
            self._process.wait()
            psutil.wait_procs(children, timeout=_PATIENCE_S)
            while not self._told.empty():
                self._note(self._told.get())
            self._under_way = False
        elif target == "worker" and chosen:
            while self._under_way:
                self._note(self._told.get(timeout=_PATIENCE_S))

    def lost(self, removed: set[str]) -> Iterator[str]:
        """What was acknowledged and is not there, and a database that is not sound."""
        database = find_paths(self._home).index_db
        with closing(sqlite3.connect(database, timeout=30)) as db:
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            held = {row[0] for row in db.execute("SELECT path FROM files")}
            stored = db.execute("SELECT count(*) FROM files WHERE indexed >= ?", (self._started,)).fetchone()[
                0
            ]
        if found != "ok":
            yield f"the database is damaged: {found}"
        if stored < self._done:
            yield f"{self._done} files were acknowledged in this run, and {stored} are there"
        for path in sorted(self._files - held - removed):
            yield f"{path} was acknowledged and is not there"

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _note(self, told: dict[str, Any]) -> None:
        if "end" in told:
            self._under_way = False
        self._done = max(self._done, told.get("done", 0))
        if told.get("file"):
            self._files.add(told["file"])


def _serve(home: Path, folder: Path) -> None:
    """The front: for each line it is told, one refresh, whose events go to stdout."""
    library = Library(find_paths(home))
    for _ in sys.stdin:
        try:
            for event in library.refresh([str(folder)], CancelToken()):
                if isinstance(event, IndexProgress):
                    print(
                        json.dumps({"done": event.done, "file": event.file, "stage": event.stage}), flush=True
                    )
            print(json.dumps({"end": ""}), flush=True)
        except AppError as error:  # a killed worker among them
            print(json.dumps({"end": str(error)}), flush=True)
    library.close()


def _collect(process: "subprocess.Popen[str]", told: "queue.SimpleQueue[dict[str, Any]]") -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.endswith("\n"):
            told.put(json.loads(line))


def _running(processes: list[psutil.Process], module: str) -> list[psutil.Process]:
    found = []
    for each in processes:
        try:
            if module in each.cmdline():
                found.append(each)
        except psutil.Error:
            continue
    return found


def _compared(work: Path, home: Path, folder: Path, outcome: Outcome) -> Iterator[str]:
    """The index beside one that was made without interruption, and what the doctor says of it."""
    library = Library(find_paths(home))
    for check in library.check(CancelToken()):
        if not check.ok:
            yield f"the doctor finds {check.name}: {check.detail}"
    library.close()
    paths = find_paths(work / "whole")
    paths.prepare()
    library = Library(paths)
    list(library.refresh([str(folder)], CancelToken()))
    library.close()
    ours, whole = _contents(home), _contents(paths.data)
    outcome.passages = whole.total()
    for row in (ours - whole) + (whole - ours):
        side = "only after the kills" if row in ours - whole else "only without kills"
        yield f"{side}: {row[0]}, {row[1]}, {row[2:6]}, characters {row[7]} to {row[8]}, has vector: {row[10]}"


def _contents(home: Path) -> Counter[tuple[Any, ...]]:
    with closing(sqlite3.connect(find_paths(home).index_db)) as db:
        return Counter(map(tuple, db.execute(_CONTENTS)))


def _scan(path: Path, text: str) -> None:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (1000, 160), 255)
    ImageDraw.Draw(picture).text((30, 50), text, fill=0, font=ImageFont.load_default(size=40))
    picture.save(path)


if __name__ == "__main__":
    main()
