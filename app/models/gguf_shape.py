"""From a GGUF header to what decides about memory and speed.

The rules per architecture are llama.cpp's (`llama-hparams` and the files of its models); they only matter where
llama.cpp cannot be asked itself, see `engine/sizing.py`.
"""

from collections.abc import Iterator, Sequence

from app.hardware.fit import ModelShape
from app.models.gguf_fields import per_block, whole
from app.models.gguf_header import Header, Listed, Tensor

_F32 = 4
_Q8_BLOCK = 32
# Every n-th layer sees everything, the others a window; where the header does not say.
_PATTERNS = {
    "gemma2": 2, "gemma3": 6, "gemma3n": 5, "gemma-embedding": 6, "gpt-oss": 2, "exaone4": 4, "olmo2": 4, "cohere2": 4,
}  # fmt: skip


def shape_of(name: str, arch: str, header: Header, tensors: Sequence[Tensor], vocabulary: int) -> ModelShape:
    """The shape of the model with these fields and tensors. Raises `BadHeader`."""
    blocks = whole(header, f"{arch}.block_count", 0)
    width = whole(header, f"{arch}.embedding_length", 0)
    full, sliding = _kept_numbers(arch, header, blocks, width)
    read = list(_read_for_a_token(arch, header, tensors))
    read_bytes: dict[str, int] = {}
    for tensor, share in read:
        read_bytes[tensor.kind] = read_bytes.get(tensor.kind, 0) + int(tensor.size * share)
    return ModelShape(
        name=name,
        layers=blocks,
        weight_bytes=sum(tensor.size for tensor in tensors),
        read_bytes=read_bytes,
        vocabulary=vocabulary,
        embedding_length=width,
        feed_forward_length=whole(header, f"{arch}.feed_forward_length", 0),
        context_length=whole(header, f"{arch}.context_length", 0),
        full_numbers=full,
        sliding_numbers=sliding,
        sliding_window=whole(header, f"{arch}.attention.sliding_window", 0) if sliding else 0,
        recurrent_bytes=_recurrent_bytes(arch, header, blocks, width),
        kv_quantises=not any(length % _Q8_BLOCK for length in _head_lengths(arch, header, blocks, width)),
        layer_tensors=sum(tensor.name.startswith("blk.") for tensor in tensors) / max(1, blocks),
        rows=int(sum(share * tensor.elements / tensor.row_length for tensor, share in read)),
    )


def _kept_numbers(arch: str, header: Header, blocks: int, width: int) -> tuple[int, int]:
    """Numbers kept per token: in layers that see everything, and in those with a window."""
    heads = per_block(header, f"{arch}.attention.head_count", blocks, 0)
    kv_heads = per_block(header, f"{arch}.attention.head_count_kv", blocks, heads)
    key, value, windowed_key, windowed_value = _head_lengths(arch, header, blocks, width)
    keeping = blocks - whole(header, f"{arch}.attention.shared_kv_layers", 0)
    sliding = list(_sliding_layers(arch, header, blocks))
    recurrent = _recurrent_layers(arch, header, blocks)
    numbers = [0, 0]
    for layer in range(max(0, keeping)):
        if arch == "falcon-h1" or layer not in recurrent:
            numbers[sliding[layer]] += kv_heads[layer] * (
                windowed_key + windowed_value if sliding[layer] else key + value
            )
    return numbers[0], numbers[1]


def _head_lengths(arch: str, header: Header, blocks: int, width: int) -> tuple[int, int, int, int]:
    """Numbers of a key and of a value in layers that see everything, then in those with a window."""
    head = width // max(1, *per_block(header, f"{arch}.attention.head_count", blocks, 0))
    key, value = (whole(header, f"{arch}.attention.{part}_length", head) for part in ("key", "value"))
    windowed_key = whole(header, f"{arch}.attention.key_length_swa", key)
    return key, value, windowed_key, whole(header, f"{arch}.attention.value_length_swa", value)


def _sliding_layers(arch: str, header: Header, blocks: int) -> Iterator[bool]:
    pattern = header.fields.get(f"{arch}.attention.sliding_window_pattern", _PATTERNS.get(arch))
    if not whole(header, f"{arch}.attention.sliding_window", 0):
        pattern = None
    for layer in range(blocks):
        if isinstance(pattern, Listed) and len(pattern.numbers) >= blocks:
            yield bool(pattern.numbers[layer])
        elif type(pattern) is int and pattern > 1:
            yield layer % pattern < pattern - 1
        else:
            yield False


def _recurrent_layers(arch: str, header: Header, blocks: int) -> set[int]:
    if arch == "falcon-h1":  # every layer has both
        return set(range(blocks))
    interval = header.fields.get(f"{arch}.full_attention_interval")
    if type(interval) is int and interval > 1:
        return {layer for layer in range(blocks) if (layer + 1) % interval}
    if not any(key.startswith((f"{arch}.ssm.", f"{arch}.shortconv.")) for key in header.fields):
        return set()
    heads = per_block(header, f"{arch}.attention.head_count_kv", blocks, (0,) * blocks)
    feeding = per_block(header, f"{arch}.feed_forward_length", blocks, (0,) * blocks)
    alone = arch == "nemotron_h"  # there a layer is attention, state or feed-forward
    return {layer for layer in range(blocks) if not heads[layer] and not (alone and feeding[layer])}


def _recurrent_bytes(arch: str, header: Header, blocks: int, width: int) -> int:
    """State of layers that remember instead of looking back, 32-bit numbers."""
    layers = len(_recurrent_layers(arch, header, blocks))
    kernel = whole(header, f"{arch}.shortconv.l_cache", 0)
    if kernel:
        return layers * (kernel - 1) * width * _F32
    inner, state = whole(header, f"{arch}.ssm.inner_size", 0), whole(header, f"{arch}.ssm.state_size", 0)
    groups, taps = whole(header, f"{arch}.ssm.group_count", 0), whole(header, f"{arch}.ssm.conv_kernel", 0)
    convolved = max(0, taps - 1) * (inner + 2 * groups * state)
    return layers * (convolved + state * inner) * _F32


def _read_for_a_token(arch: str, header: Header, tensors: Sequence[Tensor]) -> Iterator[tuple[Tensor, float]]:
    """What is read, and which share of it. An embedding table is looked up, unless it serves as the output too."""
    experts = whole(header, f"{arch}.expert_count", 0)
    used = whole(header, f"{arch}.expert_used_count", 0)
    tied = not any(tensor.name == "output.weight" for tensor in tensors)
    for tensor in tensors:
        looked_up = tensor.name == "token_embd.weight" and not tied
        if not looked_up and not tensor.name.startswith("per_layer_token_embd"):
            yield tensor, used / experts if experts and "_exps." in tensor.name else 1.0
