import json

import pytest

from app.cli.main import run


@pytest.fixture
def models(capsys):
    """Runs `alcove models …`; returns the exit code, what stands on stdout (from JSON) and on stderr."""

    def call(*arguments):
        code = run(["models", *map(str, arguments)], open_window=lambda paths: 0)
        shown = capsys.readouterr()
        out = json.loads(shown.out) if "--json" in arguments and shown.out else shown.out
        return code, out, shown.err

    return call
