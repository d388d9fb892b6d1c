"""What the front and the engine worker say to each other.

No slots: they would double the time it takes to make these classes, which the window waits for.
"""

from dataclasses import dataclass
from typing import Literal

from app.base.worker_frames import Codec

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Message:
    """One turn of a conversation, a pure value."""

    role: Role
    content: str


@dataclass(frozen=True)
class ModelSpec:
    """Which model to hold and how. `context_length` in tokens; `threads` 0: chosen by the worker."""

    file: str
    context_length: int = 4096
    threads: int = 0
    gpu_layers: int = 0


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn. Temperature 0 is greedy; the same seed gives the same answer."""

    temperature: float = 0.2
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    seed: int = 1
    stop: tuple[str, ...] = ()


# Requests


@dataclass(frozen=True)
class Load:
    """Hold this model (nothing happens when it is held already). Answered by `LoadProgress`… `Loaded`."""

    model: ModelSpec


@dataclass(frozen=True)
class Chat:
    """Answer the conversation with the model's own template. `PromptProgress`… `TokenText`… `Generated`."""

    model: ModelSpec
    messages: tuple[Message, ...]
    sampling: Sampling
    max_tokens: int


@dataclass(frozen=True)
class Complete:
    """Continue plain text, no template. Answered as `Chat` is."""

    model: ModelSpec
    prompt: str
    sampling: Sampling
    max_tokens: int


@dataclass(frozen=True)
class CountTokens:
    """Answered by `TokenCounts`: one number for each text (plain, without template)."""

    model: ModelSpec
    texts: tuple[str, ...]


# Replies


@dataclass(frozen=True)
class LoadProgress:
    fraction: float


@dataclass(frozen=True)
class Loaded:
    """Facts of the model now held. `train_context` is what it was trained for, in tokens."""

    name: str
    architecture: str
    context_length: int
    train_context: int
    can_chat: bool
    threads: int
    seconds: float


@dataclass(frozen=True)
class PromptProgress:
    """Tokens of the prompt read so far, `reused` of them left from the turn before."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True)
class TokenText:
    """The next piece of the answer (whole characters, possibly several tokens)."""

    text: str


@dataclass(frozen=True)
class Generated:
    """The answer is complete. Times in seconds; `generate_s` starts after the first token."""

    reason: Literal["end", "length", "stop"]
    prompt_tokens: int
    reused_tokens: int
    tokens: int
    prompt_s: float
    generate_s: float


@dataclass(frozen=True)
class TokenCounts:
    counts: tuple[int, ...]


CODEC = Codec(
    Load, Chat, Complete, CountTokens, LoadProgress, Loaded, PromptProgress, TokenText, Generated, TokenCounts
)
