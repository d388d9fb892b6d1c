import hashlib
import random
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.models.download.following_digest import FollowingDigest
from app.models.download.pace import Patience, SpeedMeter

DATA = random.Random(5).randbytes(3_000_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "growing.part"
    path.write_bytes(DATA[:1_500_000])
    return path


def test_a_growing_file_is_hashed_behind_its_writer(file):
    digest = FollowingDigest(file, 1_000_000)
    assert digest.wait(5) == 1_000_000  # not the bytes that are not known to be right
    with file.open("ab") as stream:
        stream.write(DATA[1_500_000:])
    digest.grow(len(DATA))
    assert digest.wait(5) == len(DATA)
    assert digest.hex() == hashlib.sha256(DATA).hexdigest()
    digest.close()


def test_a_restart_forgets_what_was_hashed(file):
    digest = FollowingDigest(file, 1_500_000)
    digest.restart()
    file.write_bytes(b"GGUF")
    digest.grow(4)
    assert digest.wait(5) == 4
    assert digest.hex() == hashlib.sha256(b"GGUF").hexdigest()
    digest.close()


def test_a_file_that_became_shorter_is_an_error(file):
    digest = FollowingDigest(file, 9_000_000)
    with pytest.raises(AppError, match="cannot be read"):
        digest.wait(5)
    digest.close()


def test_waits_between_attempts_grow_up_to_a_limit():
    patience = Patience(retry_s=0.5, longest_retry_s=4)
    assert [patience.wait(each) for each in range(7)] == [0.5, 0.5, 1, 2, 4, 4, 4]


def test_the_speed_is_that_of_the_last_seconds(monkeypatch):
    now = 100.0
    monkeypatch.setattr("app.models.download.pace.time.monotonic", lambda: now)
    meter = SpeedMeter()
    for count, second in ((1000, 101.0), (1000, 102.0), (0, 110.0), (4000, 112.0)):
        now = second
        speed = meter.add(count)
    assert speed == 2000
