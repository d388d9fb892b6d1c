import json
import subprocess
import sys
import threading

import pytest

from app.base.errors import AppError
from app.models.records import FILE_NAME, Adapter, Part, Record, Records


@pytest.fixture
def records(tmp_path):
    return Records(tmp_path / "models")


def record(name, file=None, **changes):
    values = {"source": "import", "added": 1.5, "owned": True} | changes
    return Record(name, (Part(file or f"{name}.gguf", 5, 7, "a" * 64),), **values)


def test_a_record_comes_back_as_it_was(records, tmp_path):
    one = record("one")
    outside = record("two", str(tmp_path / "other" / "x.gguf"), owned=False, source="place:Ollama")
    records.put(one)
    records.put(outside)
    again = Records(records.folder)
    assert again.all() == [one, outside]
    assert again.find(records.folder / "one.gguf") == one
    assert again.find(tmp_path / "other" / "x.gguf") == outside
    assert again.find(tmp_path / "one.gguf") is None
    assert (one.in_place, outside.in_place) == (False, True)


def test_one_file_has_one_record(records):
    records.put(record("one"))
    records.put(record("one", source="kit"))
    assert [each.source for each in records.all()] == ["kit"]
    records.forget(records.folder / "sub" / ".." / "one.gguf")
    assert records.all() == []


def test_adapters_belong_to_the_file_and_old_records_have_none(records):
    one, two = record("one"), record("two", adapters=(Adapter("/x/style.gguf", 0.5),))
    records.put(one)
    records.put(two)
    records.put_adapters(one, [Adapter("/x/style.gguf", 1)])
    records.put_adapters(record("three"), [])
    records.put(record("one", source="kit"))
    assert [(each.source, each.adapters) for each in Records(records.folder).all()] == [
        ("kit", (Adapter("/x/style.gguf", 1),)),
        ("import", two.adapters),
        ("import", ()),
    ]
    file = records.folder / FILE_NAME
    content = json.loads(file.read_text())
    for each in content["models"]:
        del each["adapters"]
    file.write_text(json.dumps(content))
    assert [each.adapters for each in records.all()] == [(), (), ()]


def test_a_model_is_described_as_it_lies(records, tmp_path):
    inside, outside = records.folder / "sub" / "in.gguf", tmp_path / "out.gguf"
    for file in (inside, outside):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"123")
    described = records.describe([inside], name="in", source="import", owned=True, sha256=["b" * 64])
    assert described.parts == (Part("sub/in.gguf", 3, inside.stat().st_mtime_ns, "b" * 64),)
    assert records.path(described.parts[0]) == inside
    assert records.describe([outside], name="out", source="import", owned=False).file == str(outside)


def test_no_file_and_no_folder_are_no_records(records):
    assert records.all() == []
    assert not records.folder.exists()


@pytest.mark.parametrize(
    "damaged", [b"", b'{"models": [', b"[]", b'{"models": 3}', b"\xff\xfe", b"null", b"[" * 100_000]
)
def test_a_damaged_file_is_kept_aside_and_not_lost(records, damaged):
    records.folder.mkdir()
    file = records.folder / FILE_NAME
    file.write_bytes(damaged)
    assert records.all() == []
    assert file.read_bytes() == damaged
    records.put(record("one"))
    assert [each.name for each in records.all()] == ["one"]
    assert file.with_suffix(".damaged.json").read_bytes() == damaged


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": 3},
        {"parts": []},
        {"parts": [{"file": "x.gguf"}]},
        {"parts": [{"file": "x.gguf", "bytes": True, "modified": 0, "sha256": ""}]},
        {"parts": [{"file": "x.gguf", "bytes": -1, "modified": 0, "sha256": ""}]},
        {"parts": [{"file": "x.gguf", "bytes": 1, "modified": 0, "sha256": "../x"}]},
        {"parts": [{"file": "../x.gguf", "bytes": 1, "modified": 0, "sha256": ""}]},
        {"owned": "yes"},
        {"adapters": 3},
        {"adapters": [{"file": "style.gguf", "scale": 1}]},
        {"adapters": [{"file": "/x/style.gguf", "scale": float("inf")}]},
    ],
)
def test_an_entry_that_makes_no_sense_is_not_used_and_not_dropped(records, change):
    records.put(record("one"))
    records.put(record("two"))
    file = records.folder / FILE_NAME
    content = json.loads(file.read_text())
    content["models"][0] |= change
    file.write_text(json.dumps(content))
    assert [each.name for each in records.all()] == ["two"]
    records.put(record("three"))
    assert [each.name for each in records.all()] == ["two", "three"]
    assert content["models"][0] in json.loads(file.read_text())["models"]


def test_two_threads_and_another_process_lose_nothing(records):
    code = (
        "import sys; from tests.unit.models.test_records import *\n"
        "for n in range(15): Records(Path(sys.argv[1])).put(record(f'process{n}'))"
    ).replace("import *\n", "import *\nfrom pathlib import Path\n")
    other = subprocess.Popen([sys.executable, "-c", code, str(records.folder)])

    def write(which):
        for n in range(15):
            Records(records.folder).put(record(f"{which}{n}"))

    threads = [threading.Thread(target=write, args=(which,)) for which in ("a", "b")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert other.wait() == 0
    names = {each.name for each in records.all()}
    assert names == {f"{which}{n}" for which in ("a", "b", "process") for n in range(15)}


def test_where_nothing_can_be_written_there_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(AppError, match="could not be written"):
        Records(tmp_path / "file").put(record("one"))
