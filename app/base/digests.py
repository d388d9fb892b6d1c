"""Short digests of texts, to notice the same text again or a damaged one; no protection against ill will."""

import hashlib


def digest_of(text: str) -> int:
    """64 bits of the text's BLAKE2b as SQLite stores integers (signed); never 0, which stands for “not known”."""
    number = int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True
    )
    return number or 1
