"""Which file of which repository at which hub."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

from app.base.errors import AppError

HUB = "https://huggingface.co"

_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_NOT_IN_NAMES = set('\\/:*?"<>|')


def is_repository(text: str) -> bool:
    """Whether it reads owner/name."""
    return _REPOSITORY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A file of a repository. `revision`: a branch, tag or commit."""

    repo: str
    file: str
    endpoint: str = HUB
    revision: str = "main"

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or self.endpoint

    @property
    def page(self) -> str:
        """Where a person reads about the repository and accepts its licence."""
        return f"{self.endpoint.rstrip('/')}/{self.repo}"

    @property
    def name(self) -> str:
        """The file's own name, without folders. Raises `AppError` when it cannot be a file name on every system."""
        name = PurePosixPath(self.file).name
        control = any(unicodedata.category(each)[0] == "C" for each in name)
        if not name.strip(". ") or control or _NOT_IN_NAMES & set(name):
            raise AppError(f"“{self.file}” is no name for a file on this computer.", "Choose another file.")
        return name

    def url(self, revision: str) -> str:
        return f"{self.page}/resolve/{quote(revision, safe='')}/{quote(self.file)}"
