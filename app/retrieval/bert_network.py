"""The network of BERT (Devlin et al., 2018) as an OpenVINO model: tokens in, one unit vector a text out."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from app.base.openvino_alone import openvino, operations
from app.retrieval.eight_bits import Ranges, dense_in_8_bits

Array = npt.NDArray[np.float32]
Seen = Callable[[str, openvino.Node], None]

_UNSEEN = -30000.0  # added to what padding scores; far enough for a weight of 0, near enough for 16 bits


class BertNetwork:
    """Builds the model layer by layer.

    `weights` by the names in model.safetensors; `config` is the model's config.json. Dense layers with measured
    `ranges` compute in 8 bits. `seen(name, rows)` is told what goes into each dense layer, shape (tokens, channels).
    """

    def __init__(
        self,
        weights: Mapping[str, Array],
        config: Mapping[str, int | float],
        ranges: Ranges | None = None,
        seen: Seen = lambda name, rows: None,
    ) -> None:
        self._weights = weights
        self._layers = int(config["num_hidden_layers"])
        self._dimensions = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._ranges = ranges
        self._seen = seen

    def model(self) -> openvino.Model:
        """Inputs: token numbers, int32, and 1 for a token or 0 for padding, float32; both (texts, tokens).

        Output: unit vectors, float32, (texts, dimensions): the mean of the tokens after the last layer.
        """
        tokens, mask = _inputs()
        hidden = self._hidden(tokens, mask)
        there = operations.unsqueeze(mask, _whole(-1))
        total = operations.reduce_sum(operations.multiply(hidden, there), _whole(1))
        mean = operations.divide(total, operations.reduce_sum(there, _whole(1)))
        unit = operations.normalize_l2(mean, _whole(1), 1e-12, "add")
        return openvino.Model([operations.result(unit)], [tokens, mask], "bert")

    def reader(self) -> openvino.Model:
        """Inputs as for `model`, and a third, int32, of the same shape: 0 in the question, 1 in the passage.

        Output: the scores of each token as the first and the last one of the answer, float32, (texts, tokens, 2).
        """
        tokens, mask = _inputs()
        types = operations.parameter([-1, -1], openvino.Type.i32)
        hidden = self._hidden(tokens, mask, types)
        weight, bias = (_floats(self._weights[f"qa_outputs.{each}"]) for each in ("weight", "bias"))
        scores = operations.add(operations.matmul(hidden, weight, False, True), bias)  # noqa: FBT003
        return openvino.Model([operations.result(scores)], [tokens, mask, types], "reader")

    def _hidden(
        self, tokens: openvino.Node, mask: openvino.Node, types: openvino.Node | None = None
    ) -> openvino.Node:
        """What the last layer makes of each token, (texts, tokens, dimensions)."""
        texts, length = (_part(operations.shape_of(tokens, "i64"), index) for index in (0, 1))
        apart = operations.concat(
            [texts, length, _whole(self._heads), _whole(self._dimensions // self._heads)], 0
        )
        unseen = operations.multiply(operations.subtract(mask, _floats(1)), _floats(-_UNSEEN))
        unseen = operations.unsqueeze(unseen, _whole(1, 2))
        rows = self._embedded(tokens, length, types)
        for number in range(self._layers):
            rows = self._layer(f"encoder.layer.{number}", rows, apart, unseen)
        return operations.reshape(
            rows, operations.concat([texts, length, _whole(self._dimensions)], 0), special_zero=False
        )

    def _embedded(
        self, tokens: openvino.Node, length: openvino.Node, types: openvino.Node | None
    ) -> openvino.Node:
        """Rows (texts · tokens, dimensions). Without `types` every text is one sentence."""
        places = self._weights["embeddings.position_embeddings.weight"]
        of_types = self._weights["embeddings.token_type_embeddings.weight"]
        words = operations.gather(
            _floats(self._weights["embeddings.word_embeddings.weight"]), tokens, _axis(0)
        )
        if types is None:
            places = places + of_types[0]
        else:
            words = operations.add(words, operations.gather(_floats(of_types), types, _axis(0)))
        placed = operations.slice(_floats(places), _whole(0), length, _whole(1), _whole(0))
        rows = operations.reshape(
            operations.add(words, placed), _whole(-1, self._dimensions), special_zero=False
        )
        return self._norm("embeddings.LayerNorm", rows)

    def _layer(
        self, name: str, rows: openvino.Node, apart: openvino.Node, unseen: openvino.Node
    ) -> openvino.Node:
        mixed = self._attention(f"{name}.attention.self", rows, apart, unseen)
        mixed = self._dense(f"{name}.attention.output.dense", mixed)
        rows = self._norm(f"{name}.attention.output.LayerNorm", operations.add(rows, mixed))
        wide = operations.gelu(self._dense(f"{name}.intermediate.dense", rows), "erf")
        narrow = self._dense(f"{name}.output.dense", wide, gelu=True)
        return self._norm(f"{name}.output.LayerNorm", operations.add(rows, narrow))

    def _attention(
        self, name: str, rows: openvino.Node, apart: openvino.Node, unseen: openvino.Node
    ) -> openvino.Node:
        together = self._dense(name, rows, ("query", "key", "value"))
        parts = operations.variadic_split(together, _axis(1), _whole(*[self._dimensions] * 3)).outputs()
        # the shape in which OpenVINO knows attention and computes it in one go
        query, key, value = (
            operations.transpose(operations.reshape(part, apart, special_zero=False), _whole(*order))
            for part, order in zip(parts, [(0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)], strict=True)
        )
        size = self._dimensions // self._heads
        score = operations.multiply(operations.matmul(query, key, False, False), _floats(size**-0.5))  # noqa: FBT003
        share = operations.softmax(operations.add(score, unseen), -1)
        mixed = operations.transpose(operations.matmul(share, value, False, False), _whole(0, 2, 1, 3))  # noqa: FBT003
        return operations.reshape(mixed, _whole(-1, self._dimensions), special_zero=False)

    def _dense(
        self, name: str, rows: openvino.Node, parts: tuple[str, ...] = (), *, gelu: bool = False
    ) -> openvino.Node:
        """Several `parts` of a layer share what goes in, so they are one layer."""
        names = [f"{name}.{part}" for part in parts] or [name]
        weight = np.concatenate([self._weights[f"{each}.weight"] for each in names])
        bias = np.concatenate([self._weights[f"{each}.bias"] for each in names])
        self._seen(name, rows)
        if self._ranges is not None:
            return dense_in_8_bits(rows, weight, bias, self._ranges[name], gelu=gelu)
        return operations.add(operations.matmul(rows, _floats(weight), False, True), _floats(bias))  # noqa: FBT003

    def _norm(self, name: str, rows: openvino.Node) -> openvino.Node:
        even = operations.mvn(rows, _whole(-1), True, self._epsilon, "inside_sqrt")  # noqa: FBT003
        scaled = operations.multiply(even, _floats(self._weights[f"{name}.weight"]))
        return operations.add(scaled, _floats(self._weights[f"{name}.bias"]))


def _inputs() -> tuple[openvino.Node, openvino.Node]:
    """Tokens and mask."""
    return (
        operations.parameter([-1, -1], openvino.Type.i32),
        operations.parameter([-1, -1], openvino.Type.f32),
    )


def _floats(value: Array | float) -> openvino.Node:
    return operations.constant(np.ascontiguousarray(value, dtype=np.float32))


def _whole(*values: int) -> openvino.Node:
    return operations.constant(np.array(values, dtype=np.int64))


def _axis(value: int) -> openvino.Node:
    return operations.constant(np.array(value, dtype=np.int64))


def _part(shape: openvino.Node, index: int) -> openvino.Node:
    return operations.gather(shape, _whole(index), _axis(0))
