"""The three ways a piece of work can end badly.

`AppError` is expected and shown to the person, `Cancelled` is silent, and any other exception is a bug
in Alcove (crash log, report dialog, exit code 70).
"""


class AppError(Exception):
    """Something a person can meet and do something about.

    `what` says what happened, `remedy` what to try; both are one plain sentence each.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what = what
        self.remedy = remedy


class Cancelled(Exception):
    """The person stopped the work. Never reported as an error."""


class WorkerDied(AppError):
    """A worker process ended while it was answering; the next request starts a fresh one.

    `killed`: Alcove ended it itself, for another request that was stopped. `exit_code`: as `subprocess` has it, None where
    it is not known.
    """

    def __init__(
        self, what: str, remedy: str = "", *, killed: bool = False, exit_code: int | None = None
    ) -> None:
        super().__init__(what, remedy)
        self.killed = killed
        self.exit_code = exit_code


class WorkerBug(Exception):
    """An unexpected exception inside a worker, carried to the front with its traceback."""
