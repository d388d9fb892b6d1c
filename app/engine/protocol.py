"""What the front and the engine worker say to each other about loading and answering; measuring has a protocol of its own.

No slots: they would double the time it takes to make these classes, which the window waits for.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.hardware.kv_type import KvType

Role = Literal["system", "user", "assistant"]
CardUse = Literal["auto", "never", "failed"]
StepKind = Literal["card failed", "memory ran out", "training", "model", "layers", "kv type", "context"]


@dataclass(frozen=True)
class Message:
    """One turn of a conversation, a pure value."""

    role: Role
    content: str


@dataclass(frozen=True)
class ModelSpec:
    """Which model to hold and how. `context_length` in tokens; `threads` 0: chosen by the worker.

    `gpu_layers`: how many of the last layers a graphics card computes. `kv_type`: of the numbers in the KV cache.
    `adapt`: the worker chooses these two, and a shorter context where need be, as fits the machine when it loads.
    `adapters`: LoRA files, and how strongly each counts (1: as it was trained). `smaller`: files and names of the same model
    with fewer bits a weight, the largest first, for when memory does not suffice. `kills`: how often the system ended the
    process over this model for want of memory. `original`: the model's own file, where `file` is a copy tuned for this
    processor. `card`: whether a graphics card may take part ("failed": it just crashed).
    """

    file: str
    context_length: int = 4096
    threads: int = 0
    gpu_layers: int = 0
    kv_type: KvType = "f16"
    adapt: bool = False
    adapters: tuple[tuple[str, float], ...] = ()
    name: str = ""
    smaller: tuple[tuple[str, str], ...] = ()
    kills: int = 0
    card: CardUse = "auto"
    original: str = ""

    @property
    def shown_name(self) -> str:
        """What the person calls it: other apps name their files by checksums."""
        return self.name or Path(self.file).stem


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
    """Answer the conversation with the model's own template. `PromptProgress`… `TokenText`… `Generated`.

    `era`: what is read may be kept on disk, and come from there, unless all was forgotten since (`current_era`); "": it
    may not.
    """

    model: ModelSpec
    messages: tuple[Message, ...]
    sampling: Sampling
    max_tokens: int
    era: str = ""


@dataclass(frozen=True)
class Prompt:
    """One of several conversations of a job."""

    messages: tuple[Message, ...]
    sampling: Sampling
    max_tokens: int


@dataclass(frozen=True)
class ChatMany:
    """Answer conversations that do not depend on each other, several at once where that fits and is faster.

    Answered by an `Answered` or `Unanswered` for each as it is finished, in any order. Where other requests wait, those that
    are not begun get none: they are to be asked for again. The words may differ from those of `Chat`, see `many_writing`.
    """

    model: ModelSpec
    prompts: tuple[Prompt, ...]


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
    """`card`: a graphics card takes part, so that a crash is likely its driver's. `file`: what is loaded."""

    fraction: float
    card: bool = False
    file: str = ""


@dataclass(frozen=True)
class Step:
    """One way in which a model came out smaller than was asked for; `engine.steps` says it in words.

    `before`, `after`: by `kind` names of models, layers on the card, KV types or tokens; "training" means that the model was
    trained for no more tokens. "card failed" and "memory ran out" are causes, without them.
    """

    kind: StepKind
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Loaded:
    """Facts of the model now held; any request for which it was loaded is told them. `train_context` is what it was trained
    for, in tokens. `steps`: what is smaller than was asked for.
    """

    name: str
    architecture: str
    context_length: int
    train_context: int
    can_chat: bool
    threads: int
    seconds: float
    kv_type: KvType = "f16"
    gpu_layers: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Restoring:
    """What was read before comes back from disk now; should that end the process, the model is not to blame."""


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
    """The answer is complete. Times in seconds; `generate_s` starts after the first token.

    `drafted`, `accepted`: tokens copied from what was read, and how many of them were right. `single`: tokens after the
    first that were computed one at a time, in `single_s`.
    """

    reason: Literal["end", "length", "stop"]
    prompt_tokens: int
    reused_tokens: int
    tokens: int
    prompt_s: float
    generate_s: float
    drafted: int = 0
    accepted: int = 0
    single: int = 0
    single_s: float = 0.0

    @property
    def single_per_s(self) -> float:
        """How fast the model writes where nothing is copied, in tokens per second; 0 where it never did."""
        return self.single / self.single_s if self.single_s else 0.0


@dataclass(frozen=True)
class Answered:
    """The whole answer to prompt `number` of `ChatMany`, from 0. While it was written, others may have been too."""

    number: int
    text: str
    report: Generated


@dataclass(frozen=True)
class Unanswered:
    """Prompt `number` failed, as an `AppError` says it; the others go on."""

    number: int
    what: str
    remedy: str


@dataclass(frozen=True)
class TokenCounts:
    counts: tuple[int, ...]
