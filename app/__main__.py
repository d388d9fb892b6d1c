"""Choose what this process is: the window, a subcommand, or a worker."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from app.base.errors import AppError
from app.base.paths import DataPaths

WORKERS = frozenset(
    {
        "app.documents.layout.worker",
        "app.documents.reader_worker",
        "app.engine.small_translation.worker",
        "app.engine.worker",
        "app.retrieval.worker",
    }
)
"""What `--worker` starts: these and nothing else, also where somebody else starts the program."""


def main() -> int:
    """Entry point of the command `alcove` and of `python -m app`; returns the exit code."""
    if sys.argv[1:2] == ["--worker"]:
        return _run_worker(sys.argv[2:])
    if getattr(sys, "frozen", False) and _cannot_run_here():
        return 1
    if sys.argv[1:] == ["--self-test"]:
        from app.self_test import run_self_test

        return run_self_test()
    try:
        from app.cli.main import run

        return run(sys.argv[1:], open_window=_open_window)
    except KeyboardInterrupt:  # Ctrl-C before the command had begun
        return 130


def _cannot_run_here() -> bool:
    """An installer is built for processors of the last ten years. On an older one it must say so before it crashes."""
    from app.hardware.instructions import missing_instructions

    missing = missing_instructions()
    if missing:
        lacks = ", ".join(missing).upper()
        error = AppError(
            f"Alcove cannot run on this computer: its processor has no {lacks}.",
            "Intel processors from 2013 and AMD processors from 2015 on have it. Alcove's source can be built for older ones.",
        )
        _show(error)
    return bool(missing)


def _show(error: AppError) -> None:
    """Where a window was asked for, in one."""
    from app.cli.display import has_display

    if sys.argv[1:2] in ([], ["open"]) and has_display():
        from app.gui.application import refuse_to_start

        refuse_to_start(error)
    else:
        print(f"alcove: {error}", file=sys.stderr)


def _open_window(paths: DataPaths, files: Sequence[Path] = ()) -> int:
    """Qt is imported only when a window is really wanted."""
    from app.gui.application import run_window

    return run_window(paths, files)


def _run_worker(arguments: Sequence[str]) -> int:
    """Workers are started by name, so that no front end ever imports what they hold."""
    module, arguments = "".join(arguments[:1]), list(arguments[1:])
    if module not in WORKERS:
        print(f"alcove: “{module}” is not a worker", file=sys.stderr)
        return 2
    importlib.import_module(module).main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
