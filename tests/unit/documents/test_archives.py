"""Archives as folders of documents: what is listed, under which names, and what stops them."""

import io
import os
import re
import sys
import tarfile
import time
import warnings
import zipfile
from pathlib import Path

import pytest

from app.documents import mail
from app.documents.archive_kinds import Workspace
from app.documents.archive_names import is_archive
from app.documents.archives import member_file, members, remark
from app.documents.document import ReadFailure, Verdict
from app.documents.limits import Limits
from app.documents.reading import why_unread
from tests.unit.documents.conftest import Reader, write_zip

LIMITS = Limits()
BOMBS = Path(os.environ.get("ALCOVE_SHARED", "/nowhere"), "data/adversarial/own-synthetic/bombs")


def names(path: Path) -> list[str]:
    return [each.name for each in members(path, LIMITS)]


def text_of(path: Path, member: str) -> str:
    return member_file(path, member, LIMITS).read_text("utf-8")


def failure_of(path: Path, member: str = "", limits: Limits = LIMITS) -> Verdict:
    with pytest.raises(ReadFailure) as caught:
        if not member:
            members(path, limits)
        else:
            member_file(path, member, limits)
    return caught.value.verdict


def zipped(**texts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as container:
        for name, text in texts.items():
            container.writestr(name.replace("_", "."), text)
    return data.getvalue()


def encrypted(path: Path, *locked: str) -> Path:
    """Marks members as encrypted, in both places where a zip says so."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as container:
        for info in container.infolist():
            if info.filename in locked:
                data[info.header_offset + 6] |= 1
                data[data.rindex(info.filename.encode()) - 46 + 8] |= 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.ZIP", "b.mbox", "c.tar", "d.tgz", "e.tar.gz", "f.tar.bz2", "g.tar.xz"])
def test_names_of_archives(name):
    assert is_archive(name) and not is_archive(f"{name}.txt")


def test_archives_within_archives_are_folders(tmp_path):
    inner = zipped(a_txt="Deep inside.")
    path = write_zip(
        tmp_path / "letters.zip",
        {
            "inner.zip": inner,
            "mail/box.mbox": "From a@b Mon 2024\nSubject: Rent\n\nPay.\n",
            "b.txt": "Beside.",
        },
    )
    assert names(path) == ["inner.zip/a.txt", "mail/box.mbox/Rent (de2c05).eml", "b.txt"]
    assert text_of(path, "inner.zip/a.txt") == "Deep inside."
    file = member_file(path, "b.txt", LIMITS)
    assert file.suffix == ".txt"
    assert member_file(path, "b.txt", LIMITS) == file, "unpacked once, however many pages are asked for"
    assert text_of(path, "inner.zip/a.txt") and not file.exists()


def test_hostile_names_lead_nowhere(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as container:
        for name in (
            "../../up.txt",
            "/etc/root.txt",
            "C:\\win\\drive.txt",
            "line\nbreak.txt",
            "a\u202etxt.exe",
            "x" * 60_000 + ".txt",
            "f/" * 30_000 + "deep.txt",
            "../..",
            "dir/",
        ):
            container.writestr(name, name)
        for name in ("__MACOSX/._b.txt", ".DS_Store", ".git/config", "Thumbs.db"):
            container.writestr(name, "hidden")
        with pytest.warns(UserWarning, match="Duplicate"):
            for text in ("one", "two"):
                container.writestr("same.txt", text)
        container.writestr("SAME.txt", "three")
    expected = [
        "up.txt",
        "etc/root.txt",
        "win/drive.txt",
        "line_break.txt",
        "a_txt.exe",
        "x" * 196 + ".txt",
        "f/" * 31 + "deep.txt",
        "same.txt",
        "same (2).txt",
        "SAME.txt",
    ]
    assert names(path) == expected
    assert [text_of(path, name) for name in expected[-3:]] == ["one", "two", "three"]


def test_names_in_utf_8_that_do_not_say_so(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"gr__n.txt": "Green.", "x.txt": ""})
    path.write_bytes(path.read_bytes().replace(b"gr__n", "grün".encode()))
    assert names(path) == ["grün.txt", "x.txt"]
    assert text_of(path, "grün.txt") == "Green."


def test_tars_hold_ordinary_files_only(tmp_path):
    for ending, mode in ((".tar", "w"), (".tar.gz", "w:gz"), (".tar.xz", "w:xz")):
        path = tmp_path / f"a{ending}"
        with tarfile.open(path, mode) as container:  # type: ignore[call-overload]
            for name in ("docs/a.txt", "../b.txt"):
                info = tarfile.TarInfo(name)
                info.size = 5
                info.mtime = 1_700_000_000
                container.addfile(info, io.BytesIO(b"Hello"))
            link = tarfile.TarInfo("passwords")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            container.addfile(link)
        assert names(path) == ["docs/a.txt", "b.txt"]
        assert members(path, LIMITS)[0].mtime_ns == 1_700_000_000 * 10**9
        assert text_of(path, "b.txt") == "Hello"


def test_each_message_of_a_mailbox_is_a_document(tmp_path, read: Reader):
    path = tmp_path / "in.mbox"
    path.write_bytes(
        b"From ada@example.org Mon Jan 1 00:00:00 2024\nSubject: Rent: due/late\nDate: Mon, 01 Jan 2024 10:00:00 +0000\n"
        b"\nThe rent is 900 euros.\n>From now on.\n\nFrom bob@example.org Tue Jan 2 00:00:00 2024\nTo: ada\n\nFine.\n"
    )
    first, second = members(path, LIMITS)
    assert re.fullmatch(r"2024-01-01 Rent  due late \([0-9a-f]{6}\)\.eml", first.name)
    assert re.fullmatch(r"No subject \([0-9a-f]{6}\)\.eml", second.name)
    assert (first.mtime_ns, second.mtime_ns) == (1_704_103_200 * 10**9, 0)
    document = read(member_file(path, first.name, LIMITS)).document
    assert document is not None and "900 euros.\nFrom now on." in document.places[0].text
    path.write_bytes(path.read_bytes() + b"\nFrom eve@example.org Wed 2024\nSubject: New\n\nHi.\n")
    assert members(path, LIMITS)[:2] == (first, second)
    path.write_bytes(path.read_bytes()[path.read_bytes().index(b"From bob") :])
    assert members(path, LIMITS)[0] == second, "the deletion of others changes nothing"


def test_the_newest_messages_of_a_large_mailbox(tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "_WINDOW", 1_500)  # many windows for a small mailbox
    message = (
        "From a@b Mon Jan 1 00:00:00 2024\nSubject: Day {0}\nDate: {0:02} Jan 2024 10:00 +0000\n\n{1}\n\n"
    )
    days = (7, 3, 9, 1, 8)
    path = tmp_path / "in.mbox"
    path.write_text("".join(message.format(day, f"Words of day {day}. " * 90) for day in days))
    few = Limits(members=3, expanded_bytes=1_000)
    assert [each.name[:16] for each in members(path, few)] == [
        f"2024-01-0{day} Day {day}" for day in (7, 9, 8)
    ]
    assert remark(path, few) == "It holds 5 messages; the newest 3 can be searched."
    last = members(path, LIMITS)[-1].name
    assert remark(path, LIMITS) == "" and text_of(path, last).endswith("Words of day 8. ")
    assert text_of(path, last).startswith("Subject: Day 8\n")


def test_what_needs_a_password_is_locked_one_by_one(tmp_path):
    path = encrypted(write_zip(tmp_path / "a.zip", {"open.txt": "Open.", "shut.txt": "Shut."}), "shut.txt")
    assert names(path) == ["open.txt", "shut.txt"]
    assert text_of(path, "open.txt") == "Open."
    assert failure_of(path, "shut.txt") == Verdict.locked
    assert failure_of(encrypted(path, "open.txt")) == Verdict.locked


def test_what_is_no_archive_after_all(tmp_path):
    document = write_zip(tmp_path / "a.zip", {"[Content_Types].xml": "", "word/document.xml": ""})
    assert failure_of(document) == Verdict.unsupported
    (tmp_path / "b.tar").write_text("Just words.")
    assert failure_of(tmp_path / "b.tar") == Verdict.unsupported
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert failure_of(tmp_path / "c.zip") == Verdict.damaged


def test_an_archive_that_would_swell_is_stopped(tmp_path):
    small = Limits(expanded_bytes=1_000_000, members=3)
    assert failure_of(
        write_zip(tmp_path / "a.zip", {"a": b"0" * 600_000, "b": b"0" * 600_000}), limits=small
    ) == (Verdict.too_large)
    many = write_zip(tmp_path / "b.zip", {str(number): "x" for number in range(4)})
    assert failure_of(many, limits=small) == Verdict.too_large
    ratio = write_zip(tmp_path / "c.zip", {"zeros.txt": b"0" * 20_000_000, "a.txt": "Sound."})
    assert text_of(ratio, "a.txt") == "Sound."
    assert failure_of(ratio, "zeros.txt") == Verdict.too_large
    deep = zipped(a_txt="Too deep.")
    for _ in range(3):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as container:
            container.writestr("in.zip", deep)
        deep = data.getvalue()
    (tmp_path / "d.zip").write_bytes(deep)
    assert failure_of(tmp_path / "d.zip") == Verdict.too_large


def test_an_archive_inside_that_is_refused_costs_one_line(tmp_path):
    many = zipped(**{f"f{number}_txt": "x" for number in range(6)})
    path = write_zip(
        tmp_path / "a.zip", {"many.zip": many, "few.zip": zipped(in_txt="In."), "letter.txt": "Dear Ada,"}
    )
    limits = Limits(members=5)
    assert [each.name for each in members(path, limits)] == ["many.zip", "few.zip/in.txt", "letter.txt"]
    assert failure_of(path, "many.zip", limits) == Verdict.too_large
    assert failure_of(write_zip(tmp_path / "b.zip", {"many.zip": many}), limits=limits) == Verdict.too_large


def test_many_members_of_one_name_are_listed_quickly(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as container, warnings.catch_warnings(action="ignore"):
        for _ in range(3_000):
            container.writestr("a.txt", "")
    began = time.process_time()
    assert names(path)[-1] == "a (3000).txt"
    assert time.process_time() - began < 2  # counted from one each time, it took 12 seconds


@pytest.mark.skipif(sys.platform == "win32", reason="needs a device that is always full")
def test_what_the_system_refuses_is_no_damage(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "a.zip", {"a.txt": "Words."})
    monkeypatch.setattr(Workspace, "new_path", lambda *_: Path("/dev/full"))
    with pytest.raises(OSError) as caught:
        member_file(path, "a.txt", LIMITS)
    assert why_unread(caught.value).verdict == Verdict.unreadable
    path.unlink()
    with pytest.raises(OSError) as caught:
        members(path, LIMITS)
    assert why_unread(caught.value).verdict == Verdict.unreadable


def test_a_changed_archive_is_opened_anew(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"a.txt": "Old."})
    (old,) = members(path, LIMITS)
    write_zip(path, {"a.txt": "Newer."})
    (new,) = members(path, LIMITS)
    assert old.check != new.check and text_of(path, "a.txt") == "Newer."
    assert failure_of(path, "gone.txt") == Verdict.unreadable


@pytest.mark.skipif(not BOMBS.is_dir(), reason="needs the shared test data (ALCOVE_SHARED)")
@pytest.mark.parametrize("name", ["nested-100gb.zip", "overlapping-2000x8mb.zip"])
def test_real_bombs(name):
    assert failure_of(BOMBS / name) == Verdict.too_large
