"""The types of numbers a KV cache is kept in; apart from `fit`, which takes longer to import than the window may wait."""

from typing import Literal

KvType = Literal["f16", "q8_0"]
