"""Which files make up a Firefox translation model, by their names, wherever they lie.

Their names are those of Mozilla's training pipeline, packed as `.gz` or `.zst` in some places:
`model.ende.intgemm.alphas.bin`; `vocab.ende.spm`, or `srcvocab.enja.spm` and `trgvocab.enja.spm`; and, which is not
needed but makes it faster, `lex.50.50.ende.s2t.bin`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol, TypeVar

from app.base.languages import language

PACKED = (".gz", ".zst")
_PIVOT = "en"
_TAG = r"(?:\.(?P<tag>[a-z]{4,}(?:[_-][a-z]+)*))?"
_KINDS = {
    "model": re.compile(rf"model{_TAG}\.intgemm8?\.alphas\.bin"),
    "vocab": re.compile(rf"vocab{_TAG}\.spm"),
    "srcvocab": re.compile(rf"srcvocab{_TAG}\.spm"),
    "trgvocab": re.compile(rf"trgvocab{_TAG}\.spm"),
    "lex": re.compile(rf"lex(?:\.\d+)*{_TAG}\.s2t\.bin"),
}
_CODE = re.compile(r"[a-z]{2,3}(?:[_-](?:[a-z]{2}|[a-z]{4}))?", re.IGNORECASE)
# one model reads several languages that are written alike; hbs: Serbo-Croatian
_READ_BY = {"bs": "hbs", "hr": "hbs", "sr": "hbs", "nn": "no"}
# Mozilla's kinds of models, the best first; “dev” are trials
_QUALITY = ("base", "base-memory", "prod", "", "tiny", "dev")


class OfPair(Protocol):
    """Something that translates from one language into another."""

    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...


Model = TypeVar("Model", bound=OfPair)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A complete model. Paths are as they were given; both vocabularies are the same one for most pairs."""

    source: str
    target: str
    model: str
    source_vocabulary: str
    target_vocabulary: str
    shortlist: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Each file once."""
        every = (self.model, self.source_vocabulary, self.target_vocabulary, self.shortlist)
        return tuple(dict.fromkeys(each for each in every if each))


def recognise(paths: Iterable[str]) -> tuple[ModelFiles, ...]:
    """The complete models among `paths` (with `/`), one for each pair: of several, the best kind and newest folder."""
    folders: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        for kind, pattern in _KINDS.items():
            if found := pattern.fullmatch(unpacked_name(name)):
                folders[folder][kind][found["tag"] or ""] = path
    best: dict[tuple[str, str], tuple[str, ModelFiles]] = {}
    for folder, kinds in folders.items():
        for tag in kinds.get("model", ()):
            files = _complete(folder, tag, kinds)
            if files is None:
                continue
            pair = (files.source, files.target)
            if pair not in best or _rank(folder) >= _rank(best[pair][0]):
                best[pair] = (folder, files)
    return tuple(files for _, (_, files) in sorted(best.items()))


def files_in(folder: str, names: Iterable[str]) -> ModelFiles | None:
    """The model in the folder of this name, such as `de-en`, that holds files of these `names`."""
    found = recognise(f"{folder}/{name}" for name in names)
    return next((files for files in found if (files.source, files.target) == pair_of(folder)), None)


def unpacked_name(name: str) -> str:
    """Without the ending of a packed file."""
    for ending in PACKED:
        name = name.removesuffix(ending)
    return name


def pair_of(name: str) -> tuple[str, str] | None:
    """Source and target of `de-en`, `zh-Hant_en` or `deen`; None when it names no pair."""
    splits = [(name[:at], name[at + 1 :]) for at, each in enumerate(name) if each in "-_"]
    splits = [each for each in splits if all(map(_CODE.fullmatch, each))]
    if splits:  # both parts may have marks themselves, as in pt-BR-en
        return _pair(*next((each for each in splits if _PIVOT in each), splits[0]))
    # without a mark between them; nearly every model has English on one side
    if name.startswith(_PIVOT) and _CODE.fullmatch(name[2:]):
        return _pair(_PIVOT, name[2:])
    if name.endswith(_PIVOT) and _CODE.fullmatch(name[:-2]):
        return _pair(name[:-2], _PIVOT)
    return _pair(name[:2], name[2:]) if len(name) == 4 and name.isalpha() else None


def canonical(code: str) -> str:
    """How a language is called here: `zh` and `zh-Hant` for Chinese, `no` for `nb`, `pt` for `pt-BR`."""
    found = language(code)
    return code.casefold() if found is None else found.code


def route_of(models: Iterable[Model], source: str, target: str) -> tuple[Model, ...]:
    """What leads from `source` to `target`: one of `models`, or two by way of English, or () when none do."""
    by_pair = {(each.source, each.target): each for each in models}
    source, target = canonical(source), canonical(target)
    if direct := _leg(by_pair, source, target):
        return (direct,)
    first, second = _leg(by_pair, source, _PIVOT), _leg(by_pair, _PIVOT, target)
    return (first, second) if first is not None and second is not None and source != target else ()


def _leg(by_pair: Mapping[tuple[str, str], Model], source: str, target: str) -> Model | None:
    return by_pair.get((source, target)) or by_pair.get((_READ_BY.get(source, source), target))


def _pair(source: str, target: str) -> tuple[str, str] | None:
    pair = canonical(source), canonical(target)
    return pair if pair[0] != pair[1] else None


def _complete(folder: str, tag: str, kinds: Mapping[str, Mapping[str, str]]) -> ModelFiles | None:
    """The model of `tag` in `folder` with what belongs to it; files without a tag belong to every model there."""
    pair = pair_of(tag) or pair_of(PurePosixPath(folder).name)
    shared, source, target = (_of(kinds, kind, tag) for kind in ("vocab", "srcvocab", "trgvocab"))
    source, target = source or shared, target or shared
    if pair is None or not source or not target:
        return None
    return ModelFiles(*pair, kinds["model"][tag], source, target, _of(kinds, "lex", tag))


def _of(kinds: Mapping[str, Mapping[str, str]], kind: str, tag: str) -> str:
    held = kinds.get(kind, {})
    return held.get(tag) or held.get("", "")


def _rank(folder: str) -> tuple[int, Sequence[object]]:
    """Later is better. Numbers in names of folders count as numbers, so that 1.10 is newer than 1.9."""
    parts = PurePosixPath(folder).parts
    quality = next((number for number, kind in enumerate(_QUALITY) if kind in parts), _QUALITY.index(""))
    newer = [(int(each), "") if each.isdigit() else (-1, each) for each in re.findall(r"\d+|\D+", folder)]
    return -quality, newer
