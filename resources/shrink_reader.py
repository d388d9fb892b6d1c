"""Make a trained reader quicker: leave out the layer it misses least and the inner neurons that do least, then let it learn
from the larger one (knowledge distillation: Hinton et al., 2015)."""

import copy
from collections.abc import Callable, Iterable, Sequence

import torch
from torch.nn.functional import kl_div, log_softmax
from transformers import BertForQuestionAnswering

LAYERS = 5
INNER = 1024  # neurons of a feed-forward layer

Inputs = dict[str, torch.Tensor]
Marked = tuple[Inputs, torch.Tensor, torch.Tensor]  # with the first and the last token of each answer


def shrunk(large: BertForQuestionAnswering, batches: Iterable[Marked]) -> BertForQuestionAnswering:
    """A smaller copy, not yet trained. `batches` show what each part does."""
    shown = list(batches)
    small = copy.deepcopy(large)
    while len(small.bert.encoder.layer) > LAYERS:
        _leave_out_layer(large, small, shown)
    _leave_out_neurons(small, shown)
    small.config.num_hidden_layers, small.config.intermediate_size = LAYERS, INNER
    return small


def teacher(large: BertForQuestionAnswering) -> Callable[[Inputs, torch.Tensor, torch.Tensor], torch.Tensor]:
    """How far scores (start, end: shape (examples, tokens)) are from those of the larger reader."""

    def loss(inputs: Inputs, starts: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
        return _apart(inputs, _scores(large, inputs), (starts, ends))

    return loss


@torch.no_grad()
def _scores(model: BertForQuestionAnswering, inputs: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
    found = model(**inputs)
    return found.start_logits, found.end_logits


def _apart(inputs: Inputs, taught: Sequence[torch.Tensor], found: Sequence[torch.Tensor]) -> torch.Tensor:
    """Kullback-Leibler divergence of the places of start and end, added up, mean of the examples."""
    hidden = inputs["attention_mask"] == 0
    spread = [
        [log_softmax(each.float().masked_fill(hidden, -1e4), dim=-1) for each in scores]
        for scores in (found, taught)
    ]
    both = [
        kl_div(ours, theirs, reduction="batchmean", log_target=True)
        for ours, theirs in zip(*spread, strict=True)
    ]
    return both[0] + both[1]


def _leave_out_layer(
    large: BertForQuestionAnswering, small: BertForQuestionAnswering, shown: list[Marked]
) -> None:
    """The one without which the scores stay nearest to the larger reader's."""
    layers = small.bert.encoder.layer
    taught = [_scores(large, inputs) for inputs, _, _ in shown]
    found: list[float] = []
    for number in range(len(layers)):
        small.bert.encoder.layer = torch.nn.ModuleList([*layers[:number], *layers[number + 1 :]])
        apart = (
            _apart(inputs, known, _scores(small, inputs))
            for known, (inputs, _, _) in zip(taught, shown, strict=True)
        )
        found.append(sum(float(each) for each in apart))
    least = found.index(min(found))
    small.bert.encoder.layer = torch.nn.ModuleList([*layers[:least], *layers[least + 1 :]])


def _leave_out_neurons(small: BertForQuestionAnswering, shown: list[Marked]) -> None:
    """Those kept change the loss most if they were silent, to first order (Molchanov et al., 2017)."""
    layers = small.bert.encoder.layer
    seen: dict[int, torch.Tensor] = {}

    def watch(number: int) -> Callable[..., None]:
        def keep(_module: object, _inputs: object, output: torch.Tensor) -> None:
            output.retain_grad()
            seen[number] = output

        return keep

    hooks = [layer.intermediate.register_forward_hook(watch(number)) for number, layer in enumerate(layers)]
    worth = [torch.zeros(layer.intermediate.dense.out_features) for layer in layers]
    for inputs, starts, ends in shown:
        small.zero_grad(set_to_none=True)
        small(**inputs, start_positions=starts, end_positions=ends).loss.backward()
        for number, output in seen.items():
            assert output.grad is not None
            worth[number] += (output * output.grad).sum(dim=1).abs().sum(dim=0).detach().cpu()
    for hook in hooks:
        hook.remove()
    small.zero_grad(set_to_none=True)
    for layer, values in zip(layers, worth, strict=True):
        kept = values.topk(INNER).indices.sort().values.to(layer.output.dense.weight.device)
        layer.intermediate.dense = _linear(layer.intermediate.dense, rows=kept)
        layer.output.dense = _linear(layer.output.dense, columns=kept)


def _linear(
    old: torch.nn.Linear, rows: torch.Tensor | None = None, columns: torch.Tensor | None = None
) -> torch.nn.Linear:
    weight = old.weight.detach()
    weight = weight if rows is None else weight[rows]
    weight = weight if columns is None else weight[:, columns]
    new = torch.nn.Linear(weight.shape[1], weight.shape[0], device=weight.device)
    with torch.no_grad():
        new.weight.copy_(weight)
        new.bias.copy_(old.bias if rows is None else old.bias[rows])
    return new
