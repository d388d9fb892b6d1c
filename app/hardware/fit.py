"""What a model takes on this machine, with which context, and how fast it will answer.

Pure: a `Machine`, the `ModelShape` of a model, and (where there is one) what llama.cpp itself measured. One
function decides, `fit`, for what is recommended, shown and loaded alike.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from app.hardware.kv_type import KvType

if TYPE_CHECKING:  # psutil is not needed for arithmetic, and the window waits for what is imported here
    from app.hardware.probe import Gpu, Machine

Verdict = Literal["fits", "tight", "too big"]

MIB = 1 << 20
GIB = 1 << 30
_KV_BYTES: dict[KvType, float] = {
    "f16": 2.0,
    "q8_0": 34 / 32,
}  # a number; q8_0: 32 of them and a 16-bit scale
_PADDING = 256  # cells of a KV cache come in such steps
_CPU_BATCH, _GPU_BATCH = 128, 512  # tokens of a prompt read at a time, see engine/worker/parameters.py
_LEAST_CONTEXT = 2048
USUAL_CONTEXT = 8192
_VOCABULARY_BYTES = (
    220  # an entry of the vocabulary in llama.cpp's tables; measured with 49k and 152k entries
)
_ALWAYS = 10 * MIB  # what a loaded model takes beside its buffers: tables, the template
ANSWERING = (
    5 * MIB
)  # what the first answer adds: the sampler, stacks of threads; measured, see benchmarks/fit.py
_LEFT_TO_OTHERS = 3 * GIB // 2  # of the memory that is free, or the share below, whichever is more
_LEFT_SHARE = 0.15
_TIGHT_LEFT = GIB // 4
_LEFT_ON_GPU = 3 * GIB // 4
_MEASURED_TENSORS = 9  # in a layer of the models that `Speed.layer_s` was measured with
_WORTH_SPLITTING = 0.5  # of the layers on the card; with fewer the copying between costs what the card gains


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The numbers that decide about memory and speed.

    `read_bytes`: weights read for one token, by type of the weights (a mixture of experts reads only some).
    `full_numbers`, `sliding_numbers`: numbers kept per token of context in layers that see everything, and in
    those that see the last `sliding_window` tokens. `recurrent_bytes`: state that does not grow.
    `feed_forward_length` 0: unknown. `kv_quantises`: its heads can be kept at 8 bits, in blocks of 32 numbers.
    `layer_tensors`: weights a layer has on average, each a step of its own; a llama's has 9. `rows`: of all matrices
    that are multiplied for one token.
    """

    name: str
    layers: int
    weight_bytes: int
    read_bytes: dict[str, int]
    vocabulary: int
    embedding_length: int
    feed_forward_length: int
    context_length: int
    full_numbers: int
    sliding_numbers: int = 0
    sliding_window: int = 0
    recurrent_bytes: int = 0
    kv_quantises: bool = True
    layer_tensors: float = 9.0
    rows: int = 0

    @property
    def key(self) -> str:
        """The same for all models that run alike, whether known from their file or from the catalogue: layers, width,
        numbers kept for a token, vocabulary, type of the weights.
        """
        kind = max(self.read_bytes, key=lambda each: self.read_bytes[each], default="")
        kept = self.full_numbers + self.sliding_numbers
        return f"{self.layers} x {self.embedding_length}, {kept}, {self.vocabulary} {kind}"


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. `overhead` is what is in none of llama.cpp's buffers. `on_gpu`: the part of the total on the card.

    `exact`: by llama.cpp itself, not by the formula.
    """

    weights: int
    kv: int
    compute: int
    overhead: int
    on_gpu: int = 0
    exact: bool = False

    @property
    def total(self) -> int:
        return self.weights + self.kv + self.compute + self.overhead


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to run a model. `gpu_layers`: 0 is the processor alone, `layers + 1` everything on the card."""

    context_length: int
    kv_type: KvType
    gpu_layers: int


@dataclass(frozen=True, slots=True)
class Speed:
    """What this machine was measured to do, see `engine/worker/calibrating.py`.

    `bytes_per_s`: weights read while writing, by their type. `layer_s`, `row_s`: time that each layer, and each row
    of a matrix, takes whatever its size.
    """

    bytes_per_s: dict[str, float]
    layer_s: float
    row_s: float = 0.0
    corrections: dict[str, float] = field(default_factory=dict)  # by `ModelShape.key`: truth / prediction
    usual_correction: float = 1.0  # of models that never ran here


@dataclass(frozen=True, slots=True)
class Fit:
    """`free`: bytes that this plan may use up. `tokens_per_s`: None while the machine is not measured."""

    verdict: Verdict
    plan: Plan
    memory: Memory
    free: int
    tokens_per_s: float | None


Measure = Callable[[Plan], Memory]


def fit(
    machine: "Machine",
    shape: ModelShape,
    *,
    context: int = USUAL_CONTEXT,
    measure: Measure | None = None,
    speed: Speed | None = None,
) -> Fit:
    """The best way to run the model here: the longest context up to `context` tokens that fits beside the other
    programs, at 16 bits where possible; failing that the smallest way that runs at all.

    `measure`: exact memory of a plan; without it the formula. Raises what `measure` raises.
    """
    measured = measure or (lambda plan: estimate(shape, plan))
    wanted = min(context, shape.context_length or context)
    tight: Fit | None = None
    last: Fit | None = None
    for plan, free, ample in _plans(machine, shape, wanted):
        memory = measured(plan) if shape.weight_bytes <= free else estimate(shape, plan)
        used = memory.on_gpu if plan.gpu_layers > shape.layers else memory.total
        verdict: Verdict = "fits" if used <= ample else "tight" if used <= free else "too big"
        last = Fit(verdict, plan, memory, free, predicted_speed(shape, speed, plan))
        if verdict == "fits":
            return last
        if verdict == "tight":
            tight = last
    assert last is not None
    return tight or last


def _plans(machine: "Machine", shape: ModelShape, wanted: int) -> Iterator[tuple[Plan, int, int]]:
    """Ways to run it, the best first, the smallest last; with the bytes there are, and those to use at ease."""
    contexts = list(_contexts(wanted))
    gpu = card_of(machine)
    ram = machine.ram.available
    ample = ram - max(_LEFT_TO_OTHERS, int(ram * _LEFT_SHARE))
    kv_types: tuple[KvType, ...] = ("f16", "q8_0") if shape.kv_quantises else ("f16",)
    ways = [(kv_type, length) for length in contexts for kv_type in kv_types]
    if gpu is not None:
        room = min(gpu.memory_free, ram) if gpu.shares_ram else gpu.memory_free
        for kv_type, length in ways:
            yield Plan(length, kv_type, shape.layers + 1), room - _TIGHT_LEFT, room - _LEFT_ON_GPU
        split = layers_that_fit(shape, gpu, contexts[0])
        if split:
            yield Plan(contexts[0], "f16", split), ram + room - _TIGHT_LEFT, ample + room - _LEFT_ON_GPU
    for kv_type, length in ways:
        yield Plan(length, kv_type, 0), max(0, ram - _TIGHT_LEFT), max(0, ample)


def card_of(machine: "Machine") -> "Gpu | None":
    """The graphics card to plan with."""
    usable = [each for each in machine.gpus if each.usable]
    return max(usable, key=lambda each: each.memory_free, default=None)


def smaller_plans(plan: Plan, shape: ModelShape, split: int = 0) -> Iterator[Plan]:
    """What is tried, one after the other, when llama.cpp refuses `plan`: the layers that should fit on the card
    (`split`), none there, numbers of 8 bits, then half of the context again and again, down to 2048 tokens.
    """
    if 0 < split < plan.gpu_layers:
        plan = replace(plan, gpu_layers=split)
        yield plan
    if plan.gpu_layers:
        plan = replace(plan, gpu_layers=0)
        yield plan
    if plan.kv_type == "f16" and shape.kv_quantises:
        plan = replace(plan, kv_type="q8_0")
        yield plan
    for context in _contexts(plan.context_length):
        if context < plan.context_length:
            yield replace(plan, context_length=context)


def spared_plan(plan: Plan, shape: ModelShape, times: int) -> Plan:
    """What is planned after the system has ended the process `times` times for want of memory: numbers of 8 bits and, for
    each time, half of the context, down to 2048 tokens.
    """
    if not times:
        return plan
    contexts = list(_contexts(plan.context_length))
    context = contexts[min(times, len(contexts) - 1)]
    return replace(plan, context_length=context, kv_type="q8_0" if shape.kv_quantises else plan.kv_type)


def _contexts(wanted: int) -> Iterator[int]:
    yield wanted
    while wanted > _LEAST_CONTEXT:
        wanted = max(_LEAST_CONTEXT, wanted // 2)
        yield wanted


def layers_that_fit(shape: ModelShape, gpu: "Gpu", context: int) -> int:
    """How many layers the card can take beside the context; 0 where that would bring nothing."""
    if gpu.shares_ram:
        return 0
    whole = estimate(shape, Plan(context, "f16", shape.layers + 1))
    a_layer = (whole.weights + whole.kv) / max(1, shape.layers)
    split = min(shape.layers, max(0, int((gpu.memory_free - _LEFT_ON_GPU - whole.compute) / a_layer)))
    return split if split >= shape.layers * _WORTH_SPLITTING else 0


def estimate(shape: ModelShape, plan: Plan) -> Memory:
    """By formula, for when llama.cpp cannot be asked.

    KV: numbers per token times cells, see llama.cpp's `llama-kv-cache` (sliding windows keep the window and one
    batch). Compute: activations of a batch, the attention mask over the cells, and the scores of one token.
    """
    batch = _GPU_BATCH if plan.gpu_layers else _CPU_BATCH
    cells = _padded(plan.context_length)
    activations = 2 * shape.embedding_length + (shape.feed_forward_length or 3 * shape.embedding_length)
    compute = 4 * batch * (cells + activations) + 4 * shape.vocabulary
    kv = kv_bytes(shape, plan.context_length, plan.kv_type, batch)
    overhead = _ALWAYS + ANSWERING + _VOCABULARY_BYTES * shape.vocabulary
    share = min(1.0, plan.gpu_layers / (shape.layers + 1))
    on_gpu = int(share * (shape.weight_bytes + kv)) + (compute if share else 0)
    return Memory(shape.weight_bytes, kv, compute, overhead, on_gpu)


def kv_bytes(shape: ModelShape, context: int, kv_type: KvType = "f16", batch: int = _CPU_BATCH) -> int:
    """The KV cache for `context` tokens, recurrent state included."""
    cells = _padded(context)
    sliding = min(cells, _padded(shape.sliding_window + batch)) if shape.sliding_window else cells
    numbers = cells * shape.full_numbers + sliding * shape.sliding_numbers
    return int(numbers * _KV_BYTES[kv_type]) + shape.recurrent_bytes


def predicted_speed(shape: ModelShape, speed: Speed | None, plan: Plan) -> float | None:
    """Tokens per second while writing on the processor, after a few hundred tokens; None when not measured.

    Every weight is read once for each token, so the time is bytes over the measured reading speed of their type,
    the running state of recurrent layers, and a fixed time for each step of each layer and for each row.
    """
    if speed is None or not speed.bytes_per_s or plan.gpu_layers:
        return None
    usual = sorted(speed.bytes_per_s.values())[len(speed.bytes_per_s) // 2]
    reading = sum(count / speed.bytes_per_s.get(kind, usual) for kind, count in shape.read_bytes.items())
    state = 2 * shape.recurrent_bytes / usual  # read and written again
    steps = shape.layers * shape.layer_tensors / _MEASURED_TENSORS
    seconds = reading + state + steps * speed.layer_s + shape.rows * speed.row_s
    return speed.corrections.get(shape.key, speed.usual_correction) / seconds


def _padded(tokens: int) -> int:
    return -(-tokens // _PADDING) * _PADDING
