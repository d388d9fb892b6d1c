import subprocess
import sys

import pytest

from app.base.errors import AppError
from app.storage.database import open_database
from app.storage.migrations import USER
from app.storage.translation_jobs import StoredSegment, TranslationJobs

SEGMENT = StoredSegment("p1", "Hello", "Hallo", "engine", '[{"kind": "numbers"}]', "starter")


CUT_OFF = """
import sys
from pathlib import Path
from app.storage.database import open_database
from app.storage.migrations import USER
from app.storage.translation_jobs import StoredSegment, TranslationJobs
jobs = TranslationJobs(open_database(Path(sys.argv[1]), USER, durable=True))
job = jobs.begin("/a.docx", "d1", "en", "de", "starter")
jobs.save(job.id, [StoredSegment("p1", "Hello", "Hallo", "engine", "[]", "starter")])
print("begun", flush=True)
sys.stdin.readline()
"""


def test_a_job_is_refused_while_a_process_is_at_it_and_resumed_once_that_is_gone(paths):
    paths.user_db.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", CUT_OFF, str(paths.user_db)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "begun\n"
        database = open_database(paths.user_db, USER, durable=True)
        jobs = TranslationJobs(database)
        (left,) = jobs.all()
        assert (left.state, left.done) == ("writing", 1)
        for refused in (lambda: jobs.begin("/a.docx", "d1", "en", "de", "other"), lambda: jobs.hold(left.id)):
            with pytest.raises(AppError, match=r"“a\.docx” is being translated right now"):
                refused()
        other.kill()
    again = jobs.begin("/a.docx", "d1", "en", "de", "other")
    assert (again.id, again.engine, again.done) == (left.id, "other", 1)
    assert jobs.segments(left.id)["p1"].engine == "starter"
    with pytest.raises(AppError, match="right now"):  # in the same process as well
        jobs.begin("/a.docx", "d1", "en", "de", "other")
    jobs.release(left.id)
    jobs.hold(left.id)
    database.close()


@pytest.mark.parametrize(("state", "resumed"), [("stopped", True), ("failed", True), ("complete", False)])
def test_what_is_resumed(database, state, resumed):
    jobs = TranslationJobs(database)
    job = jobs.begin("/a.docx", "d1", "en", "de", "starter")
    jobs.save(job.id, [SEGMENT])
    jobs.finish(job.id, state, "/a.de.docx")
    again = jobs.begin("/a.docx", "d1", "en", "de", "starter")
    assert (again.id == job.id) is resumed
    assert (again.state, again.done, again.out) == (
        ("writing", 1, "/a.de.docx") if resumed else ("writing", 0, "")
    )


def test_another_version_file_or_language_is_another_job(database):
    jobs = TranslationJobs(database)
    ids = {
        jobs.begin(file, digest, source, target, "starter").id
        for file, digest, source, target in (
            ("/a", "1", "en", "de"),
            ("/b", "1", "en", "de"),
            ("/a", "2", "en", "de"),
            ("/a", "1", "fr", "de"),
            ("/a", "1", "en", "fr"),
        )
    }
    assert len(ids) == 5


def test_segments_are_replaced_by_key_and_jobs_listed_newest_first(database):
    jobs = TranslationJobs(database)
    first = jobs.begin("/a", "1", "en", "de", "starter")
    second = jobs.begin("/b", "1", "en", "de", "starter")
    jobs.save(first.id, [SEGMENT, StoredSegment("p2", "Bye", "Tschüs", "engine")])
    jobs.save(first.id, [StoredSegment("p1", "Hello", "Servus", "person")])
    assert {key: each.target for key, each in jobs.segments(first.id).items()} == {
        "p1": "Servus",
        "p2": "Tschüs",
    }
    assert [each.id for each in jobs.all()] == [first.id, second.id]
    assert jobs.get(first.id) == jobs.all()[0] and jobs.get(first.id).done == 2


def test_a_removed_job_takes_its_segments_and_accepts_no_more(database):
    jobs = TranslationJobs(database)
    job = jobs.begin("/a", "1", "en", "de", "starter")
    jobs.save(job.id, [SEGMENT])
    jobs.remove(job.id)
    assert jobs.get(job.id) is None and jobs.segments(job.id) == {}
    for late in (lambda: jobs.save(job.id, [SEGMENT]), lambda: jobs.finish(job.id, "complete", "/a.de")):
        with pytest.raises(AppError, match="removed"):
            late()
