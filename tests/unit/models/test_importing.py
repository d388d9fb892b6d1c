import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.models import copying
from app.models.copying import FileProgress
from app.models.disk import check_room, disk_use, free_bytes
from app.models.importing import Imported, import_model
from app.models.installed import InstalledModel, find_model, installed_models, missing_models
from app.models.records import Records
from app.models.removing import remove
from app.models.verifying import Verified, verify
from tests.fixtures.tiny_model import write_tiny_model
from tests.unit.models.test_gguf import split


@pytest.fixture
def records(tmp_path):
    return Records(tmp_path / "models")


@pytest.fixture
def tiny(tmp_path):
    return write_tiny_model(tmp_path / "tiny.gguf")


def bring(file, records, *, copy=True, **options) -> Imported:
    *progress, end = import_model(file, records, copy=copy, cancel=CancelToken(), **options)
    assert all(isinstance(each, FileProgress) for each in progress)
    assert isinstance(end, Imported)
    return end


def installed(records):
    return {each.name: each for each in installed_models(records.folder) if not each.starter}


def verdict(model, records) -> Verified:
    *_, end = verify([model], records, CancelToken())
    assert isinstance(end, Verified)
    return end


def files_in(folder):
    return sorted(file.name for file in folder.rglob("*") if not file.name.startswith(".alcove-models"))


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_copy_is_the_same_and_is_recorded(records, tiny):
    events = list(import_model(tiny, records, copy=True, cancel=CancelToken()))
    end = events[-1]
    assert (end.outcome, end.name, end.file) == ("copied", "tiny", records.folder / "tiny.gguf")
    assert end.file.read_bytes() == tiny.read_bytes()
    assert events[-2] == FileProgress("copying", "tiny.gguf", tiny.stat().st_size, tiny.stat().st_size)
    record = records.find(end.file)
    assert (record.owned, record.source, record.parts[0].sha256) == (True, "import", digest(tiny))
    assert files_in(records.folder) == ["alcove-models.json", "tiny.gguf"]
    assert find_model("tiny", records.folder, None) == end.file


def test_the_same_bytes_are_not_copied_twice(records, tiny, tmp_path):
    bring(tiny, records)
    other = tmp_path / "other.gguf"
    other.write_bytes(tiny.read_bytes())
    end = bring(other, records)
    assert (end.outcome, end.name) == ("already there", "tiny")
    assert "nothing was added" in end.detail
    assert bring(records.folder / "tiny.gguf", records).outcome == "already there"
    assert list(installed(records)) == ["tiny"]


def test_another_model_of_the_same_name_gets_a_new_one(records, tiny, tmp_path):
    first = bring(tiny, records)
    before = first.file.read_bytes()
    (tmp_path / "b").mkdir()
    other = write_tiny_model(tmp_path / "b" / "TINY.gguf", seed=2)
    assert other.stat().st_size == tiny.stat().st_size
    end = bring(other, records)
    assert (end.outcome, end.name, end.file.read_bytes()) == ("copied", "TINY-2", other.read_bytes())
    assert first.file.read_bytes() == before


def test_a_model_in_several_files_comes_whole_or_not_at_all(records, tmp_path):
    parts = split(tmp_path, 3)
    end = bring(parts[0], records)
    assert (end.name, end.bytes) == ("m-00001-of-00003", sum(each.stat().st_size for each in parts))
    assert [each.sha256 for each in records.find(end.file).parts] == [digest(each) for each in parts]
    assert find_model("m-00001-of-00003", records.folder, None) == end.file
    with pytest.raises(AppError, match="part 2 of a model in 3 files"):
        bring(parts[1], records)
    assert remove(installed(records)["m-00001-of-00003"], records).freed == end.bytes
    end = bring(parts[0], records)
    (records.folder / parts[1].name).unlink()
    assert installed(records) == {}
    (missing,) = missing_models(records.folder)
    assert parts[1].name in missing.missing
    remove(missing, records)
    parts[2].unlink()
    with pytest.raises(AppError, match="missing"):
        bring(parts[0], records)
    assert files_in(records.folder) == ["alcove-models.json"]


def test_used_in_place_nothing_is_copied(records, tiny):
    before = (tiny.read_bytes(), tiny.stat().st_mtime_ns)
    end = bring(tiny, records, copy=False, name="llama3:1b", source="place:Ollama", sha256=digest(tiny))
    assert (end.outcome, end.file) == ("in place", tiny)
    model = installed(records)["llama3:1b"]
    assert (model.file, model.owned, model.source) == (tiny, False, "place:Ollama")
    assert find_model("LLAMA3:1b", records.folder, None) == tiny
    assert bring(tiny, records, copy=False).outcome == "already there"
    assert verdict(model, records).verdict == "ok"
    removed = remove(model, records)
    assert "stays with Ollama" in removed.detail and removed.deleted == ()
    assert (tiny.read_bytes(), tiny.stat().st_mtime_ns) == before
    assert installed(records) == {}


def test_a_model_in_place_can_also_be_copied(records, tiny):
    bring(tiny, records, copy=False, name="a/b:c", source="place:Ollama", sha256=digest(tiny))
    end = bring(tiny, records, name="a/b:c", sha256=digest(tiny))
    assert end.file == records.folder / "a-b-c.gguf"


def test_a_model_in_place_that_is_gone_is_missing_with_a_reason(records, tiny, tmp_path):
    far = tmp_path / "stick" / "far.gguf"
    far.parent.mkdir()
    far.write_bytes(write_tiny_model(tmp_path / "far.gguf", seed=3).read_bytes())
    bring(tiny, records, copy=False, source="place:Jan")
    bring(far, records, copy=False)
    tiny.unlink()
    far.rename(tmp_path / "moved.gguf")
    far.parent.rmdir()
    assert installed(records) == {}
    gone = {each.name: each for each in missing_models(records.folder)}
    assert "belongs to Jan" in gone["tiny"].missing
    assert f"the folder {far.parent} is not there" in gone["far"].missing
    with pytest.raises(AppError, match="no longer there"):
        find_model("tiny", records.folder, None)
    assert verdict(gone["tiny"], records).verdict == "wrong"
    remove(gone["tiny"], records)
    assert [each.name for each in missing_models(records.folder)] == ["far"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!doctype html><p>", "web page"),
        (b"", "is empty"),
        (None, "There is no file"),
        ("folder", "not a file"),
    ],
)
def test_what_is_no_model_is_called_what_it_is(records, tmp_path, content, sentence):
    file = tmp_path / "wrong.gguf"
    if content == "folder":
        file.mkdir()
    elif content is not None:
        file.write_bytes(content)
    with pytest.raises(AppError, match=sentence):
        bring(file, records)
    assert not records.folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes with a name")
def test_a_pipe_is_not_waited_for(records, tmp_path):
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(AppError, match="not a file"):
        bring(tmp_path / "pipe.gguf", records)


@pytest.fixture
def slow(monkeypatch):
    """Small pieces, so that there is something to stop between."""
    monkeypatch.setattr(copying, "_CHUNK_BYTES", 1000)


@pytest.mark.parametrize("way", ["cancel", "close"])
def test_a_stopped_copy_leaves_nothing(records, tiny, slow, way):
    cancel = CancelToken()
    running = import_model(tiny, records, copy=True, cancel=cancel)
    first = next(running)
    assert first.done == 1000 < first.total
    assert len([each for each in records.folder.iterdir() if each.suffix == ".part"]) == 1
    if way == "cancel":
        cancel.cancel()
        with pytest.raises(Cancelled):
            next(running)
    else:
        running.close()
    assert files_in(records.folder) == []
    assert records.all() == []


def test_a_stopped_set_leaves_no_part(records, tmp_path, slow):
    parts = split(tmp_path, 3)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for event in import_model(parts[0], records, copy=True, cancel=cancel):
            if event.name == parts[1].name or event.done > parts[0].stat().st_size:
                cancel.cancel()
    assert files_in(records.folder) == []


def test_a_file_of_that_name_that_appears_meanwhile_is_not_written_over(records, tiny, slow):
    running = import_model(tiny, records, copy=True, cancel=CancelToken())
    next(running)
    (records.folder / "tiny.gguf").write_bytes(b"mine")
    with pytest.raises(AppError, match="just appeared"):
        list(running)
    assert files_in(records.folder) == ["tiny.gguf"]
    assert (records.folder / "tiny.gguf").read_bytes() == b"mine"


def test_a_set_of_which_one_name_is_taken_meanwhile_leaves_no_part(records, tmp_path, slow):
    parts = split(tmp_path, 3)
    running = import_model(parts[0], records, copy=True, cancel=CancelToken())
    next(running)
    (records.folder / parts[0].name).write_bytes(b"mine")
    with pytest.raises(AppError, match="just appeared"):
        list(running)
    assert files_in(records.folder) == [parts[0].name]


def test_a_copy_that_cannot_be_recorded_is_not_left(records, tiny):
    (records.folder / "alcove-models.json").mkdir(parents=True)
    with pytest.raises(AppError, match=r"alcove-models\.json could not be written"):
        bring(tiny, records)
    assert files_in(records.folder) == ["alcove-models.json"]


def test_a_file_that_shrinks_while_it_is_copied_is_refused(records, tiny, slow):
    running = import_model(tiny, records, copy=True, cancel=CancelToken())
    next(running)
    os.truncate(tiny, 2000)
    with pytest.raises(AppError, match="changed while"):
        list(running)
    assert files_in(records.folder) == []


def test_no_room_is_said_before_anything_is_written(tmp_path):
    folder = tmp_path / "not yet" / "there"
    free = free_bytes(folder)
    check_room(folder, 1)
    with pytest.raises(AppError, match=r"not enough room.*GB are needed"):
        check_room(folder, free + (1 << 30))
    assert not folder.parent.exists()


def test_a_disk_that_fills_up_in_the_middle_is_one_sentence(records, tmp_path, tiny):
    """A real small disk where one can be mounted, with the margin taken away by other files as they come."""
    home = tmp_path / "small"
    home.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60k", "none", home], capture_output=True
    ).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        code = (
            "import sys; from pathlib import Path\n"
            "from app.base.errors import AppError; from app.base.jobs import CancelToken\n"
            "from app.models.copying import Copy, copy_together\n"
            "source, target = map(Path, sys.argv[1:])\n"
            "try: list(copy_together([Copy(source, target), Copy(source, target.with_name('b'))], CancelToken()))\n"
            "except AppError as error: print(error.what)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, tiny, home / "a.gguf"],
            capture_output=True,
            text=True,
            cwd=Path.cwd(),
        )
        assert "The disk is full" in done.stdout, done.stderr
        assert list(home.iterdir()) == []
        with pytest.raises(AppError, match="not enough room"):
            bring(tiny, Records(home))
    finally:
        subprocess.run(["umount", "-l", home], check=False)


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_file_system_that_ends_at_a_size_is_one_sentence(records, tiny):
    code = """
import resource, signal, sys
from pathlib import Path
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.importing import import_model
from app.models.records import Records
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    list(import_model(Path(sys.argv[1]), Records(Path(sys.argv[2])), copy=True, cancel=CancelToken()))
except AppError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, tiny, records.folder], capture_output=True, text=True)
    assert "too large for the file system" in done.stdout, done.stderr
    assert files_in(records.folder) == []


def test_only_what_alcove_put_there_is_deleted(records, tiny):
    end = bring(tiny, records)
    mine = write_tiny_model(records.folder / "mine.gguf", seed=4)
    models = installed(records)
    with pytest.raises(AppError, match="did not put “mine”"):
        remove(models["mine"], records)
    assert verdict(models["mine"], records).verdict == "unknown"  # being recorded does not make it Alcove's
    with pytest.raises(AppError, match="did not put “mine”"):
        remove(models["mine"], records)
    assert remove(models["tiny"], records).deleted == (end.file,)
    assert list(installed(records)) == ["mine"]
    assert mine.exists() and tiny.exists()
    (starter,) = [each for each in installed_models(records.folder) if each.starter]
    with pytest.raises(AppError, match="comes with Alcove"):
        remove(starter, records)
    assert starter.file.exists()


def test_a_linked_folder_is_not_deleted_through(records, tiny, tmp_path):
    """Whatever the records say: the files of others behind a link stay."""
    others = tmp_path / "others"
    others.mkdir()
    file = write_tiny_model(others / "x.gguf", seed=5)
    records.folder.mkdir()
    (records.folder / "sub").symlink_to(others)
    linked = records.folder / "sub" / "x.gguf"
    records.put(records.describe([linked], name="x", source="import", owned=True))
    with pytest.raises(AppError, match="does not lie in the models folder"):
        remove(InstalledModel("x", linked, 1, starter=False), records)
    assert file.exists()


def test_wrong_bytes_are_found_and_unknown_ones_kept(records, tiny, slow):
    end = bring(tiny, records)
    model = installed(records)["tiny"]
    assert verdict(model, records).verdict == "ok"
    content = bytearray(end.file.read_bytes())
    content[-100] ^= 1
    end.file.write_bytes(content)
    wrong = verdict(model, records)
    assert wrong.verdict == "wrong" and digest(tiny)[:12] in wrong.detail
    write_tiny_model(records.folder / "new.gguf", seed=6)
    new = installed(records)["new"]
    assert [verdict(new, records).verdict for _ in range(2)] == ["unknown", "ok"]
    cancel = CancelToken()
    running = verify([model, new], records, cancel)
    next(running)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(running)


def test_the_starter_is_verified_and_stays_one_model(records):
    (starter,) = installed_models(records.folder)
    assert verdict(starter, records).verdict == "unknown"
    assert installed_models(records.folder) == [starter]
    assert missing_models(records.folder) == []
    assert verdict(starter, records).verdict == "ok"


def test_a_file_that_cannot_be_read_any_more_is_wrong_and_the_rest_is_checked(records, tiny):
    bring(tiny, records)
    model = installed(records)["tiny"]
    model.file.unlink()
    model.file.mkdir()
    write_tiny_model(records.folder / "new.gguf", seed=6)
    ends = [each for each in verify([model, installed(records)["new"]], records, CancelToken())
            if isinstance(each, Verified)]  # fmt: skip
    assert [each.verdict for each in ends] == ["wrong", "unknown"]
    assert "not a file" in ends[0].detail


def test_disk_use_tells_what_removing_gives_back(records, tiny, tmp_path):
    outside = write_tiny_model(tmp_path / "outside.gguf", layers=2)
    bring(tiny, records)
    bring(outside, records, copy=False)
    use = disk_use(records.folder, [each for each in installed_models(records.folder) if not each.starter])
    assert [(each.name, each.owned) for each in use.models] == [("outside", False), ("tiny", True)]
    assert (use.owned, use.others) == (tiny.stat().st_size, outside.stat().st_size)
    assert use.free > 0
