"""What may be used as the address of a hub."""

import re

# Scheme, host (a name, or an IPv6 address in brackets), port, folders: neither user and password nor a query.
_PATTERN = re.compile(
    r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/[\w./~-]*)?", re.IGNORECASE | re.ASCII
)


def is_web_address(text: str) -> bool:
    """Whether `text` is an http or https address that nothing has to be kept secret about."""
    found = _PATTERN.fullmatch(text)
    return found is not None and int(found["port"] or 0) < 1 << 16
