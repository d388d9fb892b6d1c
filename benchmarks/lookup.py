"""What prompt lookup brings on answers that quote, and whether it changes a word: `python -m benchmarks.lookup`.

The starter, written again as Q8_0 (what the first start keeps where it answers faster), answers each question with drafts
and without, by turns, in one process; medians of the times are compared and the texts must be the same. Beside it stand a batch's cost against single tokens, and how often its scores are the same bits.
One thread, unless told otherwise: with 16-bit numbers (--kv f16) and several, nothing is drafted behind 256 tokens, see
`LlamaModel.exact`.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.engine.chat_template import ChatTemplate
from app.engine.generation import Writer
from app.engine.protocol import Generated, Message, ModelSpec, Sampling, TokenText
from app.engine.quantising import Quantiser
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.native_log import quiet_llama
from app.models.gguf import GgufFacts, read_facts
from app.models.installed import starter_chat_model

CONTEXT = 2048
GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
LIMIT = 1.3
TEXT = (
    "The harbour of Port Selby was built in 1874 by the engineer Ada Crane, who had come from the north to repair a "
    "bridge and stayed for the rest of her life. It has two stone piers, a lighthouse with a green lamp, and a dry dock "
    "for ships of up to ninety metres. In the first winter the eastern pier was broken by ice, and the town council "
    "voted to raise it by two metres with granite from the island of Holm. The work took three years and cost 41,000 "
    "crowns, most of which was paid by the herring merchants. Today the harbour is used by fishing boats, by the ferry "
    "to Holm, which leaves every morning at seven, and by a sailing school. The old customs house has been a museum "
    "since 1988. It shows ship models, maps, the first lamp of the lighthouse, and the diaries of Ada Crane, in which "
    "she wrote down the height of every tide for twenty-six years. Visitors may climb the lighthouse on Sundays. The "
    "museum is closed in January, when the exhibition is changed."
)
QUESTIONS = {
    "quote": "Repeat the following text word for word.",
    "quote a part": "Quote, word for word, what the following text says about the museum.",
    "summary": "Summarise the following text in a few sentences, using its own words.",
    "own words": "Invent a new story about a harbour. Do not use the following text.",
}
PREFIXES = (
    "",
    "Please be careful. ",
    "Now: ",
    "You know English well. ",
    "As exactly as you can: ",
    "Task. ",
    "Hello! ",
    "One more time. ",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--kv", choices=("f16", "q8_0"), default="f16")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--prompts", type=int, default=32, help="of the comparison of texts, at most 32")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(chosen.model or _tuned(Path(folder)), chosen)


def _tuned(home: Path) -> Path:
    """The starter as Q8_0."""
    paths, file = find_paths(home), home / "starter-Q8_0.gguf"
    paths.prepare()
    with closing(Quantiser(paths)) as quantiser:
        list(quantiser.write(starter_chat_model(), file, "Q8_0", CancelToken(), requantise=True))
    return file


def _measure(file: Path, chosen: argparse.Namespace) -> None:
    with _opened(file, chosen.kv) as (facts, model):
        bench = _Bench(facts, model, chosen.threads, chosen.tokens)
        print(f"{file.name}, KV {chosen.kv}, {chosen.threads} thread(s), median of {chosen.rounds}")
        _costs(model, chosen.threads)
        for name, question in QUESTIONS.items():
            _compare(bench, name, question, chosen.rounds)
        _sameness(bench, chosen.prompts)


@contextmanager
def _opened(file: Path, kv_type: str) -> Iterator[tuple[GgufFacts, LlamaModel]]:
    quiet_llama()
    facts = read_facts(file)
    spec = ModelSpec(str(file), CONTEXT, kv_type="q8_0" if kv_type == "q8_0" else "f16")
    model = LlamaModel(facts, spec, lambda progress: None, CancelToken())
    yield facts, model
    model.close()


class _Bench:
    """Answers with drafts and without."""

    def __init__(self, facts: GgufFacts, model: LlamaModel, threads: int, tokens: int) -> None:
        self._model, self._tokens, self._longest = model, tokens, model.longest_draft
        self._template = ChatTemplate(facts.chat_template, model.bos, model.eos, model.control_tokens)
        self._writer = Writer(model, lambda: threads)
        self._read: list[int] = []

    def answer(self, question: str, *, drafts: bool) -> tuple[str, Generated]:
        pieces = self._template.render([Message("user", f"{question}\n\n{TEXT}")])
        prompt = [token for each in pieces for token in self._model.tokens(each.text, special=each.special)]
        self._model.longest_draft = self._longest if drafts else 0
        if prompt != self._read:  # from now on only its last token is read again, for both alike
            list(self._writer.write(prompt, GREEDY, 1, CancelToken()))
            self._read = prompt
        replies = list(self._writer.write(prompt, GREEDY, self._tokens, CancelToken()))
        done = replies[-1]
        assert isinstance(done, Generated)
        return "".join(each.text for each in replies if isinstance(each, TokenText)), done


def _compare(bench: _Bench, name: str, question: str, rounds: int) -> None:
    rates: dict[bool, list[float]] = {True: [], False: []}
    texts = set()
    for _ in range(rounds):
        for drafts in (True, False):
            text, done = bench.answer(question, drafts=drafts)
            texts.add(text)
            rates[drafts].append((done.tokens - 1) / max(done.generate_s, 1e-9))
            if drafts:
                drafted, accepted, tokens = done.drafted, done.accepted, done.tokens
    quick, alone = statistics.median(rates[True]), statistics.median(rates[False])
    limit = f" (limit {LIMIT})" if name.startswith("quote") else ""
    print(f"  {name:<14}{alone:8.1f} tokens/s, with drafts {quick:8.1f}   ratio {quick / alone:.2f}{limit};"
          f" {accepted} of {drafted} drafted right, {tokens} tokens; {'same' if len(texts) == 1 else 'DIFFERENT'} text",
          flush=True)  # fmt: skip


def _sameness(bench: _Bench, count: int) -> None:
    """Greedy answers to so many different prompts."""
    prompts = [prefix + question for prefix in PREFIXES for question in QUESTIONS.values()][:count]
    same = 0
    for prompt in prompts:
        texts = [bench.answer(prompt, drafts=drafts)[0] for drafts in (True, False)]
        same += texts[0] == texts[1]
    print(f"  identical greedy answers: {same} of {len(prompts)}")


def _costs(model: LlamaModel, threads: int) -> None:
    """Time of a batch against that of one token, and whether each position gets the very same scores."""
    model.use_threads(threads)
    tokens = model.tokens(TEXT, special=False)
    start = len(tokens) - 2 * (model.longest_draft + 1)
    model.keep(0)
    for at in range(0, start, model.slice_length):
        model.decode(tokens[at : min(start, at + model.slice_length)])
    tail = tokens[start:]
    costs = {}
    for count in (1, 2, 4, model.longest_draft + 1):
        times = []
        for _ in range(7):
            model.keep(start)
            began = time.perf_counter()
            model.decode(tail[:count], every=True)
            model.scores(count - 1)
            times.append(time.perf_counter() - began)
        costs[count] = statistics.median(times)
    together = [model.scores(row) for row in range(model.longest_draft + 1)]
    model.keep(start)
    alike = 0
    for token, scores in zip(tail, together, strict=False):
        model.decode([token])
        alike += model.scores(-1) == scores
    model.keep(0)
    said = ", ".join(f"{count}: {cost / costs[1]:.2f}" for count, cost in costs.items())
    print(
        f"  cost of a batch against a single token: {said}; {alike} of {len(together)} scores the same bits"
    )


if __name__ == "__main__":
    main()
