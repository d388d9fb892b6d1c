"""What is passed over in folders, and what is listed at single paths."""

import os
import stat
import time
from pathlib import Path

import pytest

from app.retrieval import folders
from app.retrieval.ignoring import is_pattern
from app.retrieval.protocol import Rules
from app.retrieval.walking import Listing, list_files, list_only


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def listed(listing: Listing, root: Path) -> list[str]:
    return sorted(Path(each).relative_to(root).as_posix() for each in listing.files)


def names(root: Path, *ignore: str, hidden: bool = False) -> list[str]:
    return listed(list_files([str(root)], Rules(ignore, hidden)), root)


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        (["*.tmp"], ["a.txt", "drafts/b.txt", "sub/drafts.txt", "sub/drafts/c.txt"]),
        (["drafts/"], ["a.tmp", "a.txt", "sub/drafts.txt"]),
        (["/drafts"], ["a.tmp", "a.txt", "sub/drafts.txt", "sub/drafts/c.txt"]),
        (["drafts"], ["a.tmp", "a.txt", "sub/drafts.txt"]),
        (["sub/drafts/*", "!sub/drafts/c.txt"], ["a.tmp", "a.txt", "drafts/b.txt", "sub/drafts.txt", "sub/drafts/c.txt"]),
        (["drafts/", "!c.txt"], ["a.tmp", "a.txt", "sub/drafts.txt"]),  # nothing comes back from an ignored folder
        (["*", "!a.txt"], ["a.txt"]),
        (["*", "!sub/"], []),  # the folder comes back, what lies in it does not
        (["**/c.txt", "# a.txt", "", "a.tm[op]"], ["a.txt", "drafts/b.txt", "sub/drafts.txt"]),
    ],
)  # fmt: skip
def test_patterns_of_the_settings(root, ignore, left):
    write(root, "a.txt", "a.tmp", "drafts/b.txt", "sub/drafts/c.txt", "sub/drafts.txt")
    assert names(root, *ignore) == left


def test_files_in_the_folders_ignore_too_and_the_deepest_has_the_last_word(root):
    write(
        root, "a.log", "a.txt", "deep/a.log", "deep/b.txt", "deep/er/a.log", "deep/er/keep.log", "other/b.txt"
    )
    (root / ".gitignore").write_text("\ufeff*.log\n/deep/b.txt\n", encoding="utf-8")
    (root / "deep" / "er" / ".gitignore").write_text("!keep.log\n")
    (root / "other" / ".gitignore").write_text("b.txt\n")
    (root / "other" / ".alcoveignore").write_text("!b.txt\n")
    assert names(root) == ["a.txt", "deep/er/keep.log", "other/b.txt"]
    assert names(root, "*.log") == ["a.txt", "other/b.txt"]  # the settings are the person's own word
    assert names(root, "!a.log") == [
        "a.log",
        "a.txt",
        "deep/a.log",
        "deep/er/a.log",
        "deep/er/keep.log",
        "other/b.txt",
    ]


def test_hidden_files_are_read_where_wanted_but_never_those_of_git_and_open_office_files(root):
    write(root, "a.txt", ".hidden.txt", ".notes/b.txt", ".git/config", "~$a.docx")
    assert names(root) == ["a.txt"]
    assert names(root, hidden=True) == [".hidden.txt", ".notes/b.txt", "a.txt"]


def test_an_ignored_folder_is_never_looked_into(root, monkeypatch):
    write(root, "a.txt", "node_modules/x/y.txt", ".cache/z.txt")
    looked = []
    scan = os.scandir
    monkeypatch.setattr(folders.os, "scandir", lambda path: looked.append(str(path)) or scan(path))
    assert names(root, "node_modules/") == ["a.txt"]
    assert looked == [str(root)]


def test_an_ignore_file_that_is_none_holds_nothing_up(root):
    write(root, "a.txt", "b/c.txt")
    os.mkfifo(root / ".gitignore")  # opening it would wait for ever
    (root / "b" / ".gitignore").mkdir()
    (root / "b" / ".alcoveignore").write_bytes(b"\xff\xfe[\n!\n\0\n")
    assert names(root) == ["a.txt", "b/c.txt"]


def test_patterns_that_would_take_for_ever_are_not_followed(root):
    write(root, "a" * 250)
    (root / ".gitignore").write_text("*a" * 12 + "b\n" + "**/a/" * 9 + "b\n" + "x" * 500 + "\n")
    started = time.perf_counter()
    assert names(root) == ["a" * 250]
    assert time.perf_counter() - started < 2
    assert [is_pattern(each) for each in ("drafts/", "*.tmp", "# note", "", "!", "*a" * 12)] == [True, True, True, True, False, False]  # fmt: skip


def test_a_chosen_folder_inside_another_follows_its_own_rules(root):
    write(root, "a.txt", "drafts/b.txt", "drafts/c.log")
    (root / ".gitignore").write_text("drafts/\n*.log\n")
    both = list_files([str(root), str(root / "drafts")])
    assert listed(both, root) == ["a.txt", "drafts/b.txt", "drafts/c.log"]


def only(root: Path, *paths: str, ignore: tuple[str, ...] = ()) -> Listing:
    return list_only([str(root / each) for each in paths], [str(root)], Rules(ignore))


def test_single_paths_are_listed_with_all_that_is_in_them(root):
    write(root, "a.txt", "b.txt", "deep/er/c.txt", "deep/d.txt")
    listing = only(root, "a.txt", "deep")
    assert listed(listing, root) == ["a.txt", "deep/d.txt", "deep/er/c.txt"]
    assert listing.files == {k: v for k, v in list_files([str(root)]).files.items() if k in listing.files}
    assert (listing.gone, listing.unseen, listing.failures) == ([], [], [])
    assert listed(only(root, "."), root) == listed(list_files([str(root)]), root)


def test_what_is_not_there_or_not_read_any_more_is_gone(root):
    write(root, "a.txt", "skip/b.txt", "deep/e.log", ".x/f.txt")
    (root / "deep" / ".gitignore").write_text("*.log\n")
    (root / "link").symlink_to(root / "skip")
    os.mkfifo(root / "pipe")
    asked = (
        "no.txt",
        "no/such.txt",
        "a.txt/x",
        "skip/b.txt",
        "deep/e.log",
        ".x/f.txt",
        "link",
        "link/b.txt",
        "pipe",
    )
    listing = only(root, *asked, ignore=("skip/",))
    assert listing.files == {}
    assert listing.gone == [str(root / each) for each in asked]
    assert listing.unseen == []


def test_nothing_is_gone_from_a_drive_that_is_out(root, tmp_path):
    listing = only(root, "a.txt")
    assert (listing.files, listing.gone, listing.unseen) == ({}, [], [str(root)])
    assert "connect the drive" in listing.failures[0].reason
    write(root, "a.txt")
    outside = list_only([str(tmp_path / "other.txt")], [str(root)])
    assert (outside.files, outside.gone, outside.unseen) == ({}, [], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_folder_without_permission_keeps_what_was_read(root):
    write(root, "a.txt", "closed/b.txt")
    (root / "closed").chmod(0)
    try:
        for listing in (list_files([str(root)]), only(root, "a.txt", "closed")):
            assert listed(listing, root) == ["a.txt"]
            assert (listing.unseen, listing.gone) == ([str(root / "closed")], [])
            assert "no permission" in listing.failures[0].reason
    finally:
        (root / "closed").chmod(stat.S_IRWXU)
