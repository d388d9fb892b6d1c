"""From the tables of a TOML file to frozen dataclasses, with each mistake named by its place.

The fields of a dataclass are the keys its table may have: a field without a default is a key that must be there,
and the annotation is the type. Nothing is converted but whole numbers where a fraction is wanted.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class Mistakes:
    """Collects what is wrong, in the order it is met, each once."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, place: str, what: str) -> None:
        self._found[f"{place}: {what}"] = None

    def __len__(self) -> int:
        return len(self._found)

    def listed(self) -> tuple[str, ...]:
        return tuple(self._found)


def read_table(
    kind: type[T], table: object, place: str, mistakes: Mistakes, origin: Mapping[str, str] | None = None
) -> T | None:
    """`table` as a `kind`; None when something is wrong, which is then in `mistakes`.

    `origin` names the place of single keys that were written elsewhere than in `place`.
    """
    if isinstance(table, kind):
        return table
    if not isinstance(table, Mapping):
        mistakes.add(place, "must be a table")
        return None
    before = len(mistakes)
    hints, known = _hints(kind), {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in table.items():
        here = (origin or {}).get(key, place)
        if key not in known:
            mistakes.add(here, f"unknown key “{key}”")
        else:
            values[key] = _checked(value, hints[key], f"{here}, {key}", mistakes)
    for name, field in known.items():
        if name not in table and field.default is MISSING and field.default_factory is MISSING:
            mistakes.add(place, f"“{name}” is missing")
    return kind(**values) if len(mistakes) == before else None


@cache  # working them out takes longer than reading a table
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _checked(value: Any, wanted: Any, place: str, mistakes: Mistakes) -> Any:
    """`value` as it is kept in a field annotated with `wanted`."""
    if get_origin(wanted) in (
        Union,
        UnionType,
    ):  # only “something or None”: TOML has no null, a key is absent
        wanted = next(each for each in get_args(wanted) if each is not type(None))
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            mistakes.add(place, f"“{value}” is none of {', '.join(map(str, get_args(wanted)))}")
        return value
    if get_origin(wanted) is tuple:
        return _all_checked(value, get_args(wanted)[0], place, mistakes)
    if is_dataclass(wanted):
        return read_table(wanted, value, place, mistakes)  # type: ignore[arg-type]
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        mistakes.add(place, f"must be {_NAMES[wanted]}")
    elif wanted is str and not value.strip():
        mistakes.add(place, "must not be empty")
    elif wanted in (int, float) and value < 0:
        mistakes.add(place, "must not be negative")
    return value


def _all_checked(value: Any, wanted: Any, place: str, mistakes: Mistakes) -> tuple[Any, ...]:
    if not isinstance(value, list):
        mistakes.add(place, "must be a list")
        return ()
    if len(set(map(str, value))) < len(value):
        mistakes.add(place, "names something twice")
    return tuple(_checked(each, wanted, place, mistakes) for each in value)
