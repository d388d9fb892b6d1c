"""What the front asks of a process of the engine besides answers: devices, memory, speed, and files written again.

No slots: they would double the time it takes to make these classes, which the window waits for.
"""

from dataclasses import dataclass

from app.engine.protocol import ModelSpec


@dataclass(frozen=True)
class ListDevices:
    """Answered by `Devices`. Drivers may crash: ask a process that nothing else needs."""


@dataclass(frozen=True)
class Measure:
    """How much memory the model would take, without reading its weights. Answered by `Measured` or `Unloadable`.

    The file may end after its header, if it is as long as the whole model (a sparse file).
    """

    model: ModelSpec


@dataclass(frozen=True)
class RunPace:
    """How fast the model runs when it is loaded exactly so. Answered by `Pacing`… and, after about two seconds of computing,
    `Paced`.
    """

    model: ModelSpec


@dataclass(frozen=True)
class PlanQuantising:
    """What the tensors of a full-precision model would become. Answered by `TensorTypes`; writes nothing."""

    file: str
    quantisation: str


@dataclass(frozen=True)
class Quantise:
    """Write the model again as `target`, with fewer bits a weight. Answered by `Written`… and a last `Written`.

    It cannot be stopped but by ending the process: ask one that nothing else needs. `requantise`: a model that is
    quantised already is taken too; its first and last tensor get 8 bits.
    """

    file: str
    target: str
    quantisation: str
    threads: int
    requantise: bool = False


@dataclass(frozen=True)
class Judge:
    """How well the model foresees `text`. Answered by a `Judged` for each stretch of it."""

    model: ModelSpec
    text: str


@dataclass(frozen=True)
class Calibrate:
    """How fast this machine reads weights. Answered by `CalibrationProgress`… `Calibrated`; takes about ten seconds.

    `folder`: for models made for this purpose, which are removed again.
    """

    folder: str
    threads: int


# Replies


@dataclass(frozen=True)
class Device:
    """`kind` as ggml has it: cpu, gpu, igpu or accel. Memory in bytes."""

    name: str
    description: str
    kind: str
    memory_total: int
    memory_free: int


@dataclass(frozen=True)
class Devices:
    """What llama.cpp can compute on, and the vector extensions of the processor that it uses."""

    devices: tuple[Device, ...]
    features: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """Bytes. `gpu_compute`: the part of `compute` on graphics cards."""

    weights: int
    kv: int
    compute: int
    gpu_compute: int
    overhead: int


@dataclass(frozen=True)
class Unloadable:
    """llama.cpp cannot load such a model; `reason` is its own."""

    reason: str


@dataclass(frozen=True)
class TensorTypes:
    """By name of the tensor, its type as `models.gguf_header` names it."""

    types: dict[str, str]


@dataclass(frozen=True)
class Judged:
    """Stretch `done` of `total`. `surprise`: mean of -ln(probability) of its tokens, each after those before it."""

    surprise: float
    done: int
    total: int


@dataclass(frozen=True)
class Written:
    """Bytes of the new file so far."""

    bytes: int


@dataclass(frozen=True)
class Pacing:
    """How far loading and measuring are."""

    fraction: float


@dataclass(frozen=True)
class Paced:
    prompt_tokens_per_s: float
    generate_tokens_per_s: float


@dataclass(frozen=True)
class CalibrationProgress:
    done: int
    total: int


@dataclass(frozen=True)
class Calibrated:
    """See `hardware.fit.Speed`."""

    bytes_per_s: dict[str, float]
    layer_s: float
    row_s: float
