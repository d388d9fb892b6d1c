import ctypes
import itertools
import random
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from app.base.errors import AppError
from app.models.gguf import read_facts
from app.models.gguf_header import TENSOR_TYPES
from app.models.installed import starter_chat_model
from tests.fixtures.tiny_model import write_tiny_model


@pytest.fixture
def tiny(tmp_path):
    return write_tiny_model(tmp_path / "tiny.gguf", template="{{ messages }}")


def refusal(file: Path) -> str:
    with pytest.raises(AppError) as caught:
        read_facts(file)
    assert caught.value.remedy
    return caught.value.what


def test_the_starter_is_described_in_full():
    facts = read_facts(starter_chat_model())
    assert (facts.architecture, facts.quantisation, facts.parameters) == ("llama", "Q4_1", 134_515_008)
    assert (facts.context_length, facts.block_count, facts.embedding_length) == (8192, 30, 576)
    assert (facts.head_count, facts.head_count_kv) == ((9,) * 30, (3,) * 30)
    assert (facts.key_length, facts.value_length, facts.sliding_window) == (64, 64, 0)
    assert (facts.vocabulary, facts.bos, facts.eos, facts.parts) == (49152, 1, 2, 1)
    assert facts.file_bytes == starter_chat_model().stat().st_size
    assert 0 < facts.file_bytes - facts.tensor_bytes < 4_000_000
    assert facts.chat_template is not None
    assert "<|im_start|>" in facts.chat_template
    assert facts.can_write


def test_sizes_of_tensor_types_are_those_of_llama_cpp():
    from llama_cpp._ggml import libggml

    folder = Path(libggml._name).parent
    base = ctypes.CDLL(str(next(folder.glob("*ggml-base*"))))
    base.ggml_blck_size.restype, base.ggml_type_size.restype = ctypes.c_int64, ctypes.c_size_t
    known = {kind: (base.ggml_blck_size(kind), base.ggml_type_size(kind)) for kind in range(43)}
    assert {kind: sizes for kind, sizes in known.items() if sizes[0]} == {
        kind: (block, size) for kind, (_, block, size) in TENSOR_TYPES.items()
    }


def test_what_a_small_model_lacks_is_said(tmp_path):
    facts = read_facts(write_tiny_model(tmp_path / "plain.gguf"))
    assert facts.chat_template is None
    assert facts.name == "Tiny"
    assert not read_facts(write_tiny_model(tmp_path / "bert.gguf", architecture="bert")).can_write


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"llama.block_count": 2**31}, "layers"),
        ({"llama.block_count": 0}, "layers"),
        ({"llama.context_length": 2**32 - 1}, "dimensions"),
        ({"llama.context_length": 0}, "dimensions"),
        ({"llama.embedding_length": 0}, "dimensions"),
        ({"tokenizer.ggml.eos_token_id": 2**31}, "eos token"),
        ({"tokenizer.ggml.bos_token_id": 260}, "bos token"),
    ],
)  # fmt: skip
def test_numbers_that_make_no_sense(tmp_path, change, sentence):
    assert sentence in refusal(write_tiny_model(tmp_path / "odd.gguf", change=change))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n<!DOCTYPE HTML><html>", "is a web page"),
        (b"<html lang='en'>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (struct.pack("<Q", 4000) + b'{"__metadata__":', "safetensors"),
        (b"PK\x03\x04rest", "PyTorch"),
        (b"\x80\x02}q\x00.", "PyTorch"),
        (b"lmggxxxxxxxxxxxxxxxx", "older format"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "older version"),
        (b"GGUF" + struct.pack("<IQQ", 4, 0, 0), "newer version"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "what kind of model"),
        (b"GG", "not a GGUF"),
        (b"GGUF\x03", "ends after 5 bytes"),
        (bytes(range(256)) * 20, "not a GGUF"),
    ],
)
def test_wrong_files_are_called_what_they_are(tmp_path, content, sentence):
    file = tmp_path / "wrong.gguf"
    file.write_bytes(content)
    assert sentence in refusal(file)


def test_a_missing_file_and_a_folder(tmp_path):
    assert "There is no file" in refusal(tmp_path / "none.gguf")
    assert "cannot be read" in refusal(tmp_path)


def test_every_truncation_is_noticed(tiny):
    whole = tiny.read_bytes()
    step = max(1, len(whole) // 200)
    for length in itertools.chain(range(1, 400, 7), range(400, len(whole), step), [len(whole) - 1]):
        tiny.write_bytes(whole[:length])
        what = refusal(tiny)
        assert "incomplete" in what or "GGUF" in what
    assert f"{len(whole) - 1} of {len(whole)} bytes" in what


def test_mutations_of_a_good_file_never_surprise(tiny):
    """Whatever the bytes say: facts or a sentence, and soon."""
    whole, source = tiny.read_bytes(), random.Random(7)
    start = time.monotonic()
    for _ in range(800):
        changed = bytearray(whole)
        for _ in range(source.choice([1, 2, 8])):
            at = source.randrange(8, 9000 if source.random() < 0.5 else 1200)
            changed[at] = source.choice([0, 1, 0x7F, 0x80, 0xFF, source.randrange(256)])
        tiny.write_bytes(changed)
        try:
            read_facts(tiny)
        except AppError as error:
            assert error.remedy
    assert time.monotonic() - start < 20


def test_a_list_that_claims_millions_of_texts_ends_soon(tmp_path):
    file = tmp_path / "bomb.gguf"
    key = b"general.tags"
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", len(key)) + key
    with file.open("wb") as stream:
        stream.write(head + struct.pack("<IIQ", 9, 8, 2_000_000))
        stream.truncate(1 << 33)  # sparse: zeros are empty texts
    start = time.monotonic()
    assert "damaged" in refusal(file)
    assert time.monotonic() - start < 15


def test_names_are_shown_without_tricks(tmp_path):
    file = write_tiny_model(tmp_path / "name.gguf")
    data = file.read_bytes().replace(b"Tiny", b"T\x1b\n\x07")
    file.write_bytes(data)
    assert read_facts(file).name == "T"


def split(tmp_path, parts):
    """A model in `parts` files, as llama.cpp splits it."""
    import gguf

    whole = gguf.GGUFReader(write_tiny_model(tmp_path / "whole.gguf"))
    for number in range(parts):
        writer = gguf.GGUFWriter(tmp_path / f"m-{number + 1:05}-of-{parts:05}.gguf", "llama")
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", parts)
        if number == 0:
            for name in ("context_length", "embedding_length", "block_count"):
                writer.add_uint32(f"llama.{name}", whole.fields[f"llama.{name}"].contents())
            writer.add_token_list(["a", "b"])
        for tensor in whole.tensors[number::parts]:
            writer.add_tensor(tensor.name, np.array(tensor.data))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return sorted(tmp_path.glob("m-*.gguf"))


def test_a_model_in_several_files_is_summed(tmp_path):
    files = split(tmp_path, 3)
    facts, whole = read_facts(files[0]), read_facts(tmp_path / "whole.gguf")
    assert facts.parts == 3
    assert (facts.parameters, facts.tensor_bytes) == (whole.parameters, whole.tensor_bytes)
    assert facts.file_bytes == sum(file.stat().st_size for file in files)
    assert "part 2 of a model in 3 files" in refusal(files[1])
    files[2].unlink()
    assert "m-00003-of-00003.gguf” is missing" in refusal(files[0])
    files[0].rename(tmp_path / "other.gguf")
    assert "name does not tell" in refusal(tmp_path / "other.gguf")


def test_every_malformed_file_of_the_collection_is_rejected(shared):
    folder = shared / "adversarial"
    rows = (line.split("\t") for line in (folder / "MANIFEST.tsv").read_text().splitlines()[1:])
    rejected = [row[0] for row in rows if row[1] == "model-rejected"]
    assert len(rejected) > 50
    for name in rejected:
        start = time.monotonic()
        assert refusal(folder / name), name
        assert time.monotonic() - start < 1, name
