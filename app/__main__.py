"""Choose what this process is: the window, a subcommand, or a worker."""

import importlib
import sys

from app.base.paths import DataPaths


def main() -> int:
    """Entry point of the command `alcove` and of `python -m app`; returns the exit code."""
    if sys.argv[1:2] == ["--worker"]:
        return _run_worker(sys.argv[2], sys.argv[3:])
    try:
        from app.cli.main import run

        return run(sys.argv[1:], open_window=_open_window)
    except KeyboardInterrupt:  # Ctrl-C before the command had begun
        return 130


def _open_window(paths: DataPaths) -> int:
    """Qt is imported only when a window is really wanted."""
    from app.gui.application import run_window

    return run_window(paths)


def _run_worker(module: str, arguments: list[str]) -> int:
    """Workers are started by name, so that no front end ever imports what they hold."""
    if not (module.startswith("app.") and module.endswith("worker")):
        print(f"alcove: {module} is not a worker", file=sys.stderr)
        return 2
    importlib.import_module(module).main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
