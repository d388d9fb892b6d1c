"""Train the reader: MiniLM-L6 (the starter embedder's weights) that marks the answer to a question in a passage.

    python resources/train_reader.py SQUAD_FOLDER --work FOLDER      then writes models/reader/

SQUAD_FOLDER holds train.json; nothing else is read. Interrupted, it goes on where it was: everything random comes from
the seed and the number of the step. Minutes on a GPU, one to three hours on two cores. The learning rate rises and falls
once up to each of the `--epochs` (warm restarts: Loshchilov & Hutter, SGDR, 2017), and what is written is the mean of the
weights at these ends (Izmailov et al., SWA, 2018), so that trained weights can be trained on. The words keep the
embedder's vectors, which are not trained: fewer numbers to fit to few questions, and a third less work. With
`--taught` the reader found so is made smaller and taught by itself once more (`shrink_reader.py`).
"""

import argparse
import json
import random
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from reader_examples import HELD_OUT, Asked, Example, examples, squad_questions
from shrink_reader import Marked, shrunk, teacher
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering

from app.models.installed import starter_embedder
from app.retrieval.embedding import Embedder
from app.retrieval.small_weights import store_small

Schedule = torch.optim.lr_scheduler.LRScheduler

_OUT = Path(__file__).resolve().parent.parent / "models" / "reader"
_LONGEST = 256  # tokens of question and passage
_BATCH = 24
_LIKE_LENGTHS = 40  # batches that are sorted by length together
_RATE = 1.5e-4
_WARM_UP = 0.06  # of all steps
_DECAY = 0.01
_CLIP = 1.0
_OF_MARKS = 0.5  # weight of the marked answers beside what the larger reader says
_SHOWN = 20  # batches that show what each part of the reader does, before some are left out
_SAVED_EVERY = 100  # steps
_TOLD_EVERY = 20


@dataclass(frozen=True, slots=True)
class Feature:
    """An example in tokens; `start` and `end` (inclusive) are places among them, 0 for no answer."""

    tokens: list[int]
    types: list[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Course:
    """How a reader is trained, and where its states are kept."""

    work: Path
    name: str
    epochs: Sequence[float]
    seed: int
    device: str

    @property
    def checkpoint(self) -> Path:
        return self.work / f"{self.name}-checkpoint.pt"

    def round(self, end: int) -> Path:
        """The weights after so many steps."""
        return self.work / f"{self.name}-round-{end}.pt"


Loss = Callable[[BertForQuestionAnswering, Marked], torch.Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("squad", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="checkpoints; made if it is not there")
    parser.add_argument("--epochs", type=float, nargs="+", default=[0.7, 1.6], help="ends of rounds, rising")
    parser.add_argument(
        "--taught", type=float, default=0.0, help="epochs of a smaller reader; 0: none is made"
    )
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    asked = squad_questions(options.squad / "train.json", Embedder(starter_embedder()))
    features = _features(options.work, asked, options.seed)
    model = _model().to(device)
    course = Course(options.work, "large", options.epochs, options.seed, device)
    if not all(course.round(end).is_file() for end in _ends(features, options.epochs)):
        _train(model, features, course, _marked_loss)
    model.load_state_dict(_mean_of_rounds(course, _ends(features, options.epochs)))
    model.eval()
    held_out = [each for title in HELD_OUT for each in asked[title]]
    print(json.dumps(_scores(model, held_out, device)))
    if options.taught:
        model = _smaller(
            model, features, Course(options.work, "small", [options.taught], options.seed, device)
        )
        print(json.dumps(_scores(model, held_out, device)))
    _export(model)


def _smaller(
    large: BertForQuestionAnswering, features: list[Feature], course: Course
) -> BertForQuestionAnswering:
    """Made of what the larger one needs most, and taught by it."""
    batches = _batches(features, random.Random(course.seed))[:_SHOWN]
    small = shrunk(large, [_marked(each, course.device) for each in batches])
    _train(small, features, course, _taught_by(large))
    return small


def _model() -> BertForQuestionAnswering:
    config = BertConfig.from_pretrained(starter_embedder(), num_labels=2)
    # two rounds over the questions: what dropout would prevent does not happen
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    torch.manual_seed(0)
    model = BertForQuestionAnswering.from_pretrained(starter_embedder(), config=config)
    model.bert.embeddings.word_embeddings.weight.requires_grad_(requires_grad=False)
    return model


def tokenizer() -> Tokenizer:
    made = Tokenizer.from_file(str(starter_embedder() / "tokenizer.json"))
    made.enable_truncation(_LONGEST, strategy="only_second")
    made.no_padding()
    return made


def _features(work: Path, asked: dict[str, list[Asked]], seed: int) -> list[Feature]:
    """Kept in `work`: finding passages that are confused takes minutes."""
    file = work / f"features-{seed}.json"
    if not file.is_file():
        trained = [each for title in sorted(asked) if title not in HELD_OUT for each in asked[title]]
        found = examples(trained, Embedder(starter_embedder()), seed)
        made = tokenizer()
        rows = [_row(each, made) for each in found]
        _write(file, json.dumps([each for each in rows if each]).encode())
    return [Feature(*each) for each in json.loads(file.read_text())]


def _row(each: Example, made: Tokenizer) -> tuple[list[int], list[int], int, int] | None:
    """None for a question so long that the answer is cut off."""
    encoded = made.encode(each.question, each.passage)
    if not each.end:
        return encoded.ids, encoded.type_ids, 0, 0
    inside = [
        index
        for index, (offsets, part) in enumerate(zip(encoded.offsets, encoded.sequence_ids, strict=True))
        if part == 1 and offsets[0] < each.end and offsets[1] > each.start
    ]
    whole = inside and encoded.offsets[inside[-1]][1] >= each.end
    return (encoded.ids, encoded.type_ids, inside[0], inside[-1]) if whole else None


def _train(model: BertForQuestionAnswering, features: list[Feature], course: Course, loss_of: Loss) -> None:
    of_epoch = -(-len(features) // _BATCH)
    ends = _ends(features, course.epochs)
    steps = ends[-1]
    trained = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [each for each in trained if each.ndim > 1], "weight_decay": _DECAY},
            {"params": [each for each in trained if each.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=_RATE,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _of_rate(step, ends))
    done = _resume(course.checkpoint, model, optimizer, schedule)
    for group in optimizer.param_groups:  # a finished round ended at 0
        group["lr"] = _RATE * _of_rate(done, ends)
    print(f"{len(features)} examples, {steps} steps, {done} done", flush=True)
    model.train()
    started, losses = time.monotonic(), []
    while done < steps:
        batches = _batches(features, random.Random(course.seed * 1_000 + done // of_epoch))
        for batch in batches[done % of_epoch :]:
            if done == steps:
                break
            loss = loss_of(model, _marked(batch, course.device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, _CLIP)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(float(loss.detach()))
            done += 1
            if done % _TOLD_EVERY == 0:
                speed = len(losses) * _BATCH / (time.monotonic() - started)
                print(
                    f"step {done} of {steps}: loss {np.mean(losses[-100:]):.3f}, {speed:.1f} examples/s",
                    flush=True,
                )
            if done % _SAVED_EVERY == 0 or done == steps:
                _save(course.checkpoint, model, optimizer, schedule, done)
            if done in ends:
                _store(model.state_dict(), course.round(done))
    model.eval()


def _ends(features: Sequence[Feature], epochs: Sequence[float]) -> list[int]:
    """The step after the last one of each round."""
    return [int(each * -(-len(features) // _BATCH)) for each in epochs]


def _of_rate(step: int, ends: Sequence[int]) -> float:
    """Share of the learning rate, 0…1; `ends` as of `_ends`."""
    begin, end = next(
        (both for both in zip([0, *ends], ends, strict=False) if step < both[1]), (step - 1, step)
    )
    steps = end - begin
    return min((step - begin + 1) / (_WARM_UP * steps), (end - step) / ((1 - _WARM_UP) * steps))


def _batches(features: Sequence[Feature], chance: random.Random) -> list[list[Feature]]:
    """Shuffled; examples of like length together, so that little is padded."""
    order = chance.sample(list(features), len(features))
    batches: list[list[Feature]] = []
    for first in range(0, len(order), _BATCH * _LIKE_LENGTHS):
        together = sorted(order[first : first + _BATCH * _LIKE_LENGTHS], key=lambda each: len(each.tokens))
        some = [together[at : at + _BATCH] for at in range(0, len(together), _BATCH)]
        chance.shuffle(some)
        batches += some
    return batches


def _marked(batch: Sequence[Feature], device: str) -> Marked:
    starts, ends = ([getattr(each, end) for each in batch] for end in ("start", "end"))
    return _inputs(batch, device), torch.tensor(starts, device=device), torch.tensor(ends, device=device)


def _marked_loss(model: BertForQuestionAnswering, batch: Marked) -> torch.Tensor:
    inputs, starts, ends = batch
    return model(**inputs, start_positions=starts, end_positions=ends).loss


def _taught_by(large: BertForQuestionAnswering) -> Loss:
    far = teacher(large)

    def loss(model: BertForQuestionAnswering, batch: Marked) -> torch.Tensor:
        inputs, starts, ends = batch
        found = model(**inputs, start_positions=starts, end_positions=ends)
        return far(inputs, found.start_logits, found.end_logits) + _OF_MARKS * found.loss

    return loss


def _inputs(batch: Sequence[Feature], device: str) -> dict[str, torch.Tensor]:
    length = max(len(each.tokens) for each in batch)
    tokens, types, mask = (torch.zeros((len(batch), length), dtype=torch.long) for _ in range(3))
    for row, each in enumerate(batch):
        tokens[row, : len(each.tokens)] = torch.tensor(each.tokens)
        types[row, : len(each.tokens)] = torch.tensor(each.types)
        mask[row, : len(each.tokens)] = 1
    return {
        "input_ids": tokens.to(device),
        "token_type_ids": types.to(device),
        "attention_mask": mask.to(device),
    }


def _save(
    checkpoint: Path,
    model: BertForQuestionAnswering,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    done: int,
) -> None:
    state = {
        "done": done,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    _store(state, checkpoint)


def _store(state: Mapping[str, object], file: Path) -> None:
    partial = file.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(file)


def _mean_of_rounds(course: Course, ends: Sequence[int]) -> dict[str, torch.Tensor]:
    """The weights at the end of each round, averaged."""
    rounds = [torch.load(course.round(end), weights_only=True) for end in ends]
    return {
        name: torch.stack([each[name] for each in rounds]).mean(dim=0) if value.is_floating_point() else value
        for name, value in rounds[0].items()
    }


def _resume(
    checkpoint: Path, model: BertForQuestionAnswering, optimizer: torch.optim.Optimizer, schedule: Schedule
) -> int:
    if not checkpoint.is_file():
        return 0
    kept = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    schedule.load_state_dict(kept["schedule"])
    return int(kept["done"])


def _write(file: Path, data: bytes) -> None:
    partial = file.with_suffix(".part")
    partial.write_bytes(data)
    partial.replace(file)


def _export(model: BertForQuestionAnswering) -> None:
    _OUT.mkdir(parents=True, exist_ok=True)
    store_small(
        {
            name: value.cpu().numpy()
            for name, value in model.state_dict().items()
            if value.is_floating_point()
        },
        _OUT / "model.safetensors",
    )
    config = json.loads((starter_embedder() / "config.json").read_text(encoding="utf-8"))
    config["architectures"] = ["BertForQuestionAnswering"]
    config |= {key: getattr(model.config, key) for key in ("num_hidden_layers", "intermediate_size")}
    (_OUT / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(starter_embedder() / "tokenizer.json", _OUT / "tokenizer.json")


@torch.inference_mode()
def _scores(model: BertForQuestionAnswering, asked: Sequence[Asked], device: str) -> dict[str, float]:
    """On questions it was not trained on, asked of their own paragraph: share of exact answers among those with one, and
    how well answered and unanswered ones are told apart (mean of both shares, at the best threshold)."""
    made = tokenizer()
    exact: list[bool] = []
    margins: list[tuple[float, bool]] = []
    for each in asked:
        best = max(_best(model, made, each.question, passage, device) for passage in each.passages)
        margins.append((best[0], bool(each.answers)))
        if each.answers:
            exact.append(any(best[1].strip(" .,;") == answer.strip(" .,;") for answer in each.answers))
    return {"exact": float(np.mean(exact)), "told_apart": _told_apart(margins)}


def _best(
    model: BertForQuestionAnswering, made: Tokenizer, question: str, passage: str, device: str
) -> tuple[float, str]:
    encoded = made.encode(question, passage)
    feature = Feature(encoded.ids, encoded.type_ids, 0, 0)
    outputs = model(**_inputs([feature], device))
    starts, ends = outputs.start_logits[0].cpu().numpy(), outputs.end_logits[0].cpu().numpy()
    first = encoded.type_ids.index(1)
    sums = np.triu(starts[first:-1, None] + ends[None, first:-1]) - 1e4 * np.tril(
        np.ones((len(starts) - first - 1,) * 2), -1
    )
    sums = sums - 1e4 * np.triu(np.ones_like(sums), 30)
    start, end = np.unravel_index(int(sums.argmax()), sums.shape)
    text = passage[encoded.offsets[first + start][0] : encoded.offsets[first + end][1]]
    return float(sums[start, end] - starts[0] - ends[0]), text


def _told_apart(margins: Sequence[tuple[float, bool]]) -> float:
    thresholds = sorted({margin for margin, _ in margins})
    yes = np.array([margin for margin, answered in margins if answered])
    no = np.array([margin for margin, answered in margins if not answered])
    if not len(yes) or not len(no):
        return float("nan")
    return max(float((np.mean(yes >= each) + np.mean(no < each)) / 2) for each in thresholds)


if __name__ == "__main__":
    main()
