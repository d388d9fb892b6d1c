"""What decides about memory and speed of a catalogue model, before any of its files was seen."""

from app.hardware.fit import ModelShape
from app.models.catalog import CatalogModel

# Bits a weight takes over a whole file, by type: llama.cpp's own table of sizes (tools/quantize).
_BITS = {
    "Q2_K": 3.16, "Q3_K_S": 3.64, "Q3_K_M": 4.00, "Q3_K_L": 4.30, "IQ4_XS": 4.46, "IQ4_NL": 4.67, "Q4_0": 4.67,
    "Q4_1": 5.14, "Q4_K_S": 4.67, "Q4_K_M": 4.89, "Q5_0": 5.59, "Q5_1": 6.06, "Q5_K_S": 5.57, "Q5_K_M": 5.70,
    "Q6_K": 6.56, "Q8_0": 8.50, "F16": 16.0, "BF16": 16.0, "F32": 32.0, "MXFP4": 4.4,
}  # fmt: skip


def bits_per_weight(quantisation: str) -> float | None:
    """Over a whole file of this type; None for a type whose size is not known."""
    return _BITS.get(quantisation.removeprefix("UD-"))


def expected_bytes(model: CatalogModel, quantisation: str) -> int | None:
    """The size of its file; None for a type whose size is not known."""
    bits = bits_per_weight(quantisation)
    return None if bits is None else int(model.parameters * bits / 8)


def shape_of_model(
    model: CatalogModel, quantisation: str, file_bytes: int | None = None
) -> ModelShape | None:
    """The shape by the catalogue's facts; None where they are not enough. `file_bytes`: of the file, if it is known."""
    known = model.shape
    size = file_bytes or expected_bytes(model, quantisation)
    if size is None or known.layers is None or known.width is None or known.vocabulary is None:
        return None
    if known.kv_heads is None or known.head_dim is None:
        return None
    keeping = known.kv_layers if known.kv_layers is not None else known.layers
    full = keeping
    if known.sliding_window and known.full_attention_every:
        full = keeping // known.full_attention_every
    numbers = known.kv_heads * 2 * known.head_dim
    active = model.active_parameters or model.parameters
    kind = (
        quantisation.removeprefix("UD-").rsplit("_", 1)[0]
        if quantisation.endswith(("_S", "_M", "_L"))
        else quantisation
    )
    return ModelShape(
        name=model.name,
        layers=known.layers,
        weight_bytes=size,
        read_bytes={kind: int(size * active / model.parameters)},
        vocabulary=known.vocabulary,
        embedding_length=known.width,
        feed_forward_length=0,
        context_length=model.context or 0,
        full_numbers=full * numbers,
        sliding_numbers=(keeping - full) * numbers,
        sliding_window=known.sliding_window or 0,
        kv_quantises=known.head_dim % 32 == 0,
        rows=active // known.width,
    )
