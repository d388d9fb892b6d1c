"""The downloader against curl, and over 50 dropped connections: `python -m benchmarks.download [--quick]`.

A hub in a process of its own makes 1 GB up while it sends it. Each download runs in a fresh process that imports
nothing but the downloader; it and curl run by turns, medians are compared. The loop ends when the last byte is written; our
downloads then finish with a checksum, a sync and a rename, for which curl gets a sync and a checksum, too. Ratios mean
something on a busy machine too, the times themselves do not.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.base.files import sha256_of
from benchmarks.processes import peak_bytes

REPO, FILE = "bench/model", "model.gguf"
ROUNDS = 5
DROPS = 50
GB = 1_000_000_000
QUICK_BYTES = 100_000_000


class Hub:
    """The fake hub in its own process; each call sends one line and reads one."""

    def __init__(self, size: int) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.download", "--serve", str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.about = self._read()

    def __call__(self, *work: object) -> Any:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(work) + "\n")
        self._child.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._child.stdout is not None
        return json.loads(self._child.stdout.readline())

    def close(self) -> None:
        self._child.communicate()


def serve(size: int) -> None:
    """Answer the lines of `Hub`: `["drop", seed]` cuts the next download, `["sent"]` counts the bytes sent since."""
    from tests.fixtures.fake_hub import FakeHub
    from tests.fixtures.hub_faults import Drop, Generated

    with FakeHub() as hub:
        sha256 = hub.add(REPO, FILE, Generated(size))
        print(json.dumps({"endpoint": hub.endpoint, "sha256": sha256}), flush=True)
        counted = 0
        for line in sys.stdin:
            work, *arguments = json.loads(line)
            if work == "drop":
                cuts = sorted(random.Random(arguments[0]).sample(range(1, size), DROPS))
                hub.order(*(Drop(b - a) for a, b in zip([0, *cuts], cuts, strict=False)))
                print(len(cuts), flush=True)
            else:
                print(hub.sent() - counted, flush=True)
                counted = hub.sent()


def fetch(endpoint: str, target: Path) -> None:
    """One download; prints what it took. Imports only the downloader."""
    from app.base.jobs import CancelToken
    from app.models.download.address import FileAddress
    from app.models.download.pace import Patience
    from app.models.download.remote import look_up
    from app.models.download.transfer import DownloadFinished, DownloadProgress, download

    remote = look_up(FileAddress(REPO, FILE, endpoint), cancel=CancelToken())
    began, loop_s = time.perf_counter(), 0.0
    for event in download(
        remote, target, cancel=CancelToken(), patience=Patience(retry_s=0.02), margin_bytes=0
    ):
        if (
            isinstance(event, DownloadProgress)
            and not event.checking
            and event.bytes_done == event.bytes_total
        ):
            loop_s = time.perf_counter() - began
        if isinstance(event, DownloadFinished):
            all_s = time.perf_counter() - began
            result = {"loop_s": loop_s, "all_s": all_s, "sha256": event.sha256, "peak_bytes": peak_bytes()}
            print(json.dumps(result))


def _ours(endpoint: str, folder: Path) -> dict[str, Any]:
    target = folder / FILE
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.download", "--fetch", endpoint, str(target)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    target.unlink()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _curl(endpoint: str, folder: Path) -> dict[str, float]:
    target = folder / "curl"
    url = f"{endpoint}/{REPO}/resolve/main/{FILE}"
    began = time.perf_counter()
    subprocess.run(["curl", "-s", "--noproxy", "*", "-o", str(target), url], check=True)
    loop_s = time.perf_counter() - began
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
    sha256_of(target)
    all_s = time.perf_counter() - began
    target.unlink()
    return {"loop_s": loop_s, "all_s": all_s}


def compare(size: int) -> None:
    """Measure by turns and print."""
    hub = Hub(size)
    endpoint = hub.about["endpoint"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _dropped(hub, folder, size)
        rounds = ROUNDS if shutil.which("curl") else 0
        pairs = [(_ours(endpoint, folder), _curl(endpoint, folder)) for _ in range(rounds)]
    hub.close()
    if not pairs:
        print("  curl is not here: no comparison")
        return
    for key, name in (("loop_s", "download loop"), ("all_s", "with checksum and sync")):
        ours, curls = (
            size / statistics.median(each[key] for each in side) / 1e6 for side in zip(*pairs, strict=True)
        )
        print(
            f"  {name:<24}{ours:6.0f} MB/s, curl {curls:6.0f} MB/s: ratio {ours / curls:.2f} (at least 0.90)"
        )
    print(
        f"  memory of the downloading process {max(each['peak_bytes'] for each, _ in pairs) / 1e6:.1f} MB (limit 60)"
    )


def _dropped(hub: Hub, folder: Path, size: int) -> None:
    hub("sent")
    cuts = hub("drop", 1)
    found = _ours(hub.about["endpoint"], folder)
    again = hub("sent") - size
    right = "right" if found["sha256"] == hub.about["sha256"] else "WRONG"
    print(f"{size / 1e6:.0f} MB, load {os.getloadavg()[0]:.1f}, median of {ROUNDS}")
    print(
        f"  {cuts} dropped connections: checksum {right}, {again} bytes sent twice = {again / size:.3%} (limit 1 %)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 MB instead of 1 GB")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--fetch", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        serve(arguments.serve)
    elif arguments.fetch is not None:
        fetch(arguments.fetch[0], Path(arguments.fetch[1]))
    else:
        compare(QUICK_BYTES if arguments.quick else GB)


if __name__ == "__main__":
    main()
