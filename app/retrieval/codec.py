"""All messages between the front and the retrieval worker, as frames."""

from app.base.worker_frames import Codec
from app.retrieval.each_protocol import AskEach, EachEnded, EachRead
from app.retrieval.protocol import (
    Check,
    CheckResult,
    Choose,
    Compare,
    Compared,
    Digest,
    Digested,
    Forget,
    Hold,
    Index,
    IndexFinished,
    IndexProgress,
    Pause,
    Reembed,
    Reembedded,
    ReembedProgress,
    Release,
    Search,
    SearchResult,
    TriedOut,
    TryOut,
)

CODEC = Codec(
    Index, Forget, Search, Hold, Release, Pause, Check, Digest, Compare,
    AskEach, EachRead, EachEnded,
    Choose, Reembed, TryOut, ReembedProgress, Reembedded, TriedOut,
    IndexProgress, IndexFinished, SearchResult, CheckResult, Digested, Compared,
)  # fmt: skip
