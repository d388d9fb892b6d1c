"""Fusion and walking: the parts that need no model."""

import os
from pathlib import Path

import pytest

from app.base.errors import Cancelled
from app.retrieval.fusion import Ranking, fuse_scores
from app.retrieval.walking import list_files


def test_items_good_in_both_rankings_win_over_the_best_of_one():
    words = Ranking({"a": 9.0, "b": 8.0, "c": 1.0})
    cosines = Ranking({"d": 0.6, "b": 0.55, "a": 0.1}, floor=0.2, absent=0.2)
    fused = fuse_scores([*words.scores, *cosines.scores], [words, cosines])
    assert list(fused) == ["b", "d", "a", "c"]
    assert fused["d"] == pytest.approx(0.5)  # the best of one, absent from the other
    assert fused["a"] == pytest.approx((1 - 0.25) / 2)  # below the floor counts against it


def test_fusion_does_not_depend_on_the_scale_of_the_scores():
    words = {"a": 9.0, "b": 4.0, "c": 1.0}
    cosines = Ranking({"c": 0.9, "b": 0.8, "a": 0.7}, floor=0.7, absent=0.7)
    once = fuse_scores("abc", [Ranking(words), cosines])
    again = fuse_scores("abc", [Ranking({item: 100 * score for item, score in words.items()}), cosines])
    assert again == pytest.approx(once)


def test_one_ranking_alone_keeps_its_order_and_none_finds_nothing():
    assert list(fuse_scores("abc", [Ranking({"c": 3.0, "a": 2.0, "b": 1.0})])) == ["c", "a", "b"]
    assert fuse_scores("a", [Ranking({"a": 0.3}, floor=0.3, absent=0.3)]) == {"a": 1.0}
    assert fuse_scores([], []) == {}


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
        list_files([str(tmp_path)], check=stop)
