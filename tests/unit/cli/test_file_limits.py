"""Days on the command line."""

import os
import time

import pytest

from app.base.errors import AppError
from app.cli.file_limits import file_limits


@pytest.mark.skipif(os.name == "nt", reason="the time zone cannot be changed here")
def test_a_day_lasts_until_midnight_also_where_the_clocks_change(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        limits = file_limits([], "2026-03-29", "2026-03-29")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert limits.since is not None and limits.until is not None
    assert round(limits.until - limits.since) == 23 * 3600


def test_the_last_of_all_days_has_no_end():
    with pytest.raises(AppError, match="9999-12-31"):
        file_limits([], None, "9999-12-31")
