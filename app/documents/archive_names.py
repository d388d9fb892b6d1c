"""Which files are looked into for the documents inside, told by their names."""

import re

_ARCHIVE = re.compile(r"\.(?:zip|mbox|tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz))$", re.IGNORECASE)


def is_archive(name: str) -> bool:
    """Whether a file of this name should be an archive or a mailbox. Its content decides, when it is opened."""
    return _ARCHIVE.search(name) is not None
