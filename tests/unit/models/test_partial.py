"""Sizing a model before it is downloaded: its header comes, and nothing else."""

from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.download.address import FileAddress
from app.models.download.remote import look_up
from app.models.gguf import read_facts
from app.models.installed import starter_chat_model
from app.models.partial import MIB, fetch_header
from tests.fixtures.fake_hub import FakeHub


def test_the_header_of_a_real_model(tmp_path: Path):
    whole = starter_chat_model()
    with FakeHub() as hub:
        hub.add("org/model", "model.gguf", whole.read_bytes())
        remote = look_up(FileAddress("org/model", "model.gguf", hub.endpoint), cancel=CancelToken())
        facts = fetch_header(remote, tmp_path / "header.gguf", cancel=CancelToken())
        assert hub.sent() <= 24 * MIB and hub.sent() < whole.stat().st_size / 20
    assert facts.shape == read_facts(whole).shape
    header = tmp_path / "header.gguf"
    assert header.stat().st_size == whole.stat().st_size
    assert header.stat().st_blocks * 512 < 5 * MIB  # sparse


def test_what_is_no_model_is_refused_and_nothing_stays(tmp_path: Path):
    with FakeHub() as hub:
        hub.add("org/model", "model.gguf", b"GGUF" + bytes(3 * MIB))
        remote = look_up(FileAddress("org/model", "model.gguf", hub.endpoint), cancel=CancelToken())
        with pytest.raises(AppError):
            fetch_header(remote, tmp_path / "header.gguf", cancel=CancelToken())
        assert hub.sent() <= 3 * MIB + 4  # each byte once
    assert not (tmp_path / "header.gguf").exists()
