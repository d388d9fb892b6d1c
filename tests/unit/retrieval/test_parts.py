"""Fusion, evidence choice, citations, walking: the parts that need no model."""

import os
from pathlib import Path

import numpy as np
import pytest

from app.base.errors import Cancelled
from app.retrieval.citations import is_verbatim, resolve, without_marks
from app.retrieval.fusion import fuse_ranks
from app.retrieval.vector_index import VectorIndex
from app.retrieval.walking import list_files


def test_items_high_in_several_rankings_win():
    fused = fuse_ranks([["a", "b", "c"], ["b", "d", "a"]])
    assert list(fused) == ["b", "a", "d", "c"]
    assert fused["b"] == pytest.approx(1 / 62 + 1 / 61)


def unit_vectors(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_nearest_are_exact_within_what_is_allowed():
    vectors = unit_vectors(500)
    ids = np.arange(500, dtype=np.int64) * 7 + 3
    index = VectorIndex(16)
    index.add(ids, vectors)
    query = unit_vectors(1, seed=9)[0]
    expected = ids[np.argsort(-(vectors @ query))]
    assert list(index.nearest(query, 10)[0]) == list(expected[:10])
    allowed = ids[::5]
    assert (
        list(index.nearest(query, 10, allowed)[0]) == [each for each in expected if each in set(allowed)][:10]
    )
    index.remove(expected[:3])
    assert list(index.nearest(query, 10)[0]) == list(expected[3:13])
    assert len(index.nearest(query, 0)[0]) == 0
    assert len(index.nearest(query, 5, np.array([], dtype=np.int64))[0]) == 0


def test_a_cache_is_used_only_when_whole_and_current(tmp_path):
    path = tmp_path / "v.faiss"
    index = VectorIndex(16)
    index.add(np.arange(50, dtype=np.int64), unit_vectors(50))
    index.save(path, "7")
    assert len(VectorIndex.load(path, "7", 16)) == 50
    assert VectorIndex.load(path, "8", 16) is None
    assert VectorIndex.load(path, "7", 32) is None
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert VectorIndex.load(path, "7", 16) is None
    path.unlink()
    assert VectorIndex.load(path, "7", 16) is None


PASSAGES = [
    "The warranty lasts 30 months from the date of purchase. It covers the pump and the motor.",
    "The deposit of 1,450 euros is paid back within six weeks after Ms Adler inspected the flat.",
]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The warranty lasts 30 months.", (1,)),
        ("The warranty lasts 36 months.", ()),
        ("The pump lasts 1,450 months.", ()),
        ("The deposit is paid back within six weeks.", (2,)),
        ("The deposit is paid back to Mr Brown within six weeks.", ()),
        ("It says “covers the pump and the motor”.", (1,)),
        ("It says “covers the door and the motor”.", ()),
        ("Bananas grow in warm places.", ()),
    ],
)
def test_a_sentence_is_supported_only_by_a_passage_that_says_it(sentence, expected):
    (support,) = resolve(sentence, PASSAGES)
    assert support.passages == expected
    assert (support.start, support.end) == (0, len(sentence))


def test_each_sentence_stands_for_itself():
    answer = "The warranty lasts 30 months. The moon is made of cheese."
    assert [each.passages for each in resolve(answer, PASSAGES)] == [(1,), ()]


def test_marks_written_by_the_model_are_not_trusted():
    assert without_marks("It lasts 30 months [2]. Yes [1, 3].") == "It lasts 30 months. Yes."


def test_quotes_are_compared_word_for_word():
    assert is_verbatim("covers the pump", PASSAGES[0])
    assert is_verbatim("covers  the\npump", PASSAGES[0])
    assert not is_verbatim("covers a pump", PASSAGES[0])


def test_only_regular_visible_files_inside_the_folder_are_listed(tmp_path):
    root = tmp_path / "root"
    (root / "deep" / "er").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("a.txt", "deep/er/b.txt", ".hidden", ".git/config", "~$lock.docx"):
        (root / name).write_text("x")
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    (root / "link.txt").symlink_to(outside)
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe")
    listing = list_files([str(root)])
    assert sorted(Path(each).relative_to(root).as_posix() for each in listing.files) == [
        "a.txt",
        "deep/er/b.txt",
    ]
    assert listing.files[str(root / "a.txt")].size == 1
    assert (listing.failures, listing.unseen) == ([], [])


def test_a_single_file_and_a_missing_folder(tmp_path):
    (tmp_path / "one.txt").write_text("x")
    listing = list_files([str(tmp_path / "one.txt"), str(tmp_path / "gone")])
    assert list(listing.files) == [str(tmp_path / "one.txt")]
    assert listing.unseen == [str(tmp_path / "gone")]
    assert "no such file or folder" in listing.failures[0].reason


def test_names_that_are_not_unicode_are_named(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad-\xff.txt")).write_text("x")
    listing = list_files([str(tmp_path)])
    assert listing.files == {}
    assert "not valid Unicode" in listing.failures[0].reason
    listing.failures[0].file.encode()


def test_listing_stops_when_told(tmp_path):
    def stop(seen: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list_files([str(tmp_path)], stop)
