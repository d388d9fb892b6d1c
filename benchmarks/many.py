"""What it brings to write several answers at once in one context: `python -m benchmarks.many`.

Segments of a document to translate, and parts of a long document to summarise, are answered one after the other as always,
with drafts, and then 2 and 4 at once; by turns in one process, medians compared. Tokens a second count the writing alone.
Seconds an answer count the reading of its prompt too, which is no faster beside others, and with long prompts slower. `same`
counts the texts that are word for word those of one after the other.
"""

import argparse
import random
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from app.assistants.prompts import instructions
from app.base.jobs import CancelToken
from app.engine.at_once import AtOnce
from app.engine.chat_template import ChatTemplate
from app.engine.generation import Writer
from app.engine.many_writing import ManyWriter, Wanted
from app.engine.protocol import Answered, Message, ModelSpec, Sampling
from app.engine.session import prompt_tokens
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.native_log import quiet_llama
from app.models.gguf import read_facts
from app.models.installed import starter_chat_model
from benchmarks.lookup import TEXT

GREEDY = Sampling(temperature=0.0, repeat_penalty=1.05)
POINTS = "Write the 4 most important points. End each line with its passage numbers, for example [3]."
TRANSLATE = (
    "Translate the following text into German. Note that you should only output the translated result."
)
SENTENCES = re.split(r"(?<=\.)\s", TEXT)
COUNTS = (1, 2, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=starter_chat_model())
    parser.add_argument("--kv", choices=("f16", "q8_0"), default="f16")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=8, help="of each kind")
    parser.add_argument("--passages", type=int, default=4, help="in a part to summarise, of 200 words each")
    parser.add_argument(
        "--tokens", type=int, default=160, help="written for a part; a fourth of it for a segment"
    )
    chosen = parser.parse_args()
    quiet_llama()
    facts = read_facts(chosen.model)
    context = min(facts.context_length, 4 * (chosen.passages * 300 + chosen.tokens) + 512)
    spec = ModelSpec(str(chosen.model), context, kv_type="q8_0" if chosen.kv == "q8_0" else "f16")
    model = LlamaModel(facts, spec, lambda progress: None, CancelToken())
    template = ChatTemplate(facts.chat_template, model.bos, model.eos, model.control_tokens)
    print(f"{chosen.model.name}, KV {chosen.kv}, {chosen.threads} thread(s), median of {chosen.rounds}")
    for name, asked, tokens in (
        ("segments", _segments(chosen.prompts), chosen.tokens // 4),
        ("parts", _parts(chosen.prompts, chosen.passages), chosen.tokens),
    ):
        wanted = [Wanted(prompt_tokens(model, template.render(each)), GREEDY, tokens) for each in asked]
        length = statistics.mean(len(each.prompt) for each in wanted)
        print(f"{name}: {len(wanted)} prompts of {length:.0f} tokens, up to {tokens} written for each")
        bench = _Bench(model, chosen.threads, wanted)
        for _ in range(chosen.rounds):
            for count in COUNTS:
                bench.run(count)
        bench.tell()
    model.close()


class _Fixed(AtOnce):
    """Always so many at once; counts what is written by so many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._count = count
        self.tokens, self.seconds = 0, 0.0

    def choice(self) -> int:
        return self._count

    def wrote(self, count: int, tokens: int, seconds: float) -> None:
        if count == self._count:
            self.tokens += tokens
            self.seconds += seconds


class _Bench:
    def __init__(self, model: LlamaModel, threads: int, wanted: Sequence[Wanted]) -> None:
        self._model, self._threads, self._wanted = model, threads, wanted
        self._rates: dict[int, list[float]] = {count: [] for count in COUNTS}
        self._seconds: dict[int, list[float]] = {count: [] for count in COUNTS}
        self._texts: dict[int, dict[int, str]] = {}

    def run(self, count: int) -> None:
        fixed = _Fixed(count)
        writer = Writer(self._model, lambda: self._threads)
        writer.forget()
        many = ManyWriter(self._model, writer, fixed)
        began = time.perf_counter()
        replies = list(many.write(self._wanted, CancelToken(), lambda: False))
        self._seconds[count].append((time.perf_counter() - began) / len(self._wanted))
        self._rates[count].append(fixed.tokens / fixed.seconds)
        self._texts[count] = {each.number: each.text for each in replies if isinstance(each, Answered)}

    def tell(self) -> None:
        alone, alone_s = statistics.median(self._rates[1]), statistics.median(self._seconds[1])
        for count in COUNTS:
            rate, seconds = statistics.median(self._rates[count]), statistics.median(self._seconds[count])
            same = sum(self._texts[count].get(number) == text for number, text in self._texts[1].items())
            print(
                f"  {count} at once: {rate:8.1f} tokens/s ({rate / alone:.2f}), {seconds:7.2f} s an answer"
                f" ({alone_s / seconds:.2f}); same {same} of {len(self._wanted)}", flush=True,
            )  # fmt: skip


def _parts(count: int, passages: int) -> list[list[Message]]:
    """The sentences of one text in ever new orders."""
    asked = []
    drawn = random.Random(1)
    for _ in range(count):
        texts = [" ".join(drawn.sample(SENTENCES, len(SENTENCES))) for _ in range(passages)]
        shown = "\n\n".join(f"[{number}]\n{text}" for number, text in enumerate(texts, start=1))
        body = f"Passages:\n\n{shown}\n\n{POINTS}"
        asked.append([Message("system", instructions("summarize")), Message("user", body)])
    return asked


def _segments(count: int) -> list[list[Message]]:
    drawn = random.Random(2)
    texts = [" ".join(drawn.sample(SENTENCES, 2)) for _ in range(count)]
    return [[Message("user", f"{TRANSLATE}\n\n{text}")] for text in texts]


if __name__ == "__main__":
    main()
