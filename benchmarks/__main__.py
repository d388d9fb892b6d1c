"""All measurements, one after the other. Run on an otherwise idle machine: python -m benchmarks [NAME…], or with options
of its own python -m benchmarks NAME OPTION…
"""

import importlib
import itertools
import sys

_ALL = (
    "window",
    "refresh",
    "index",
    "embedding",
    "recall",
    "search",
    "scale",
    "recognition",
    "adversarial",
    "kills",
    "engine",
    "lookup",
    "many",
    "evidence",
    "gate",
    "answers",
    "tuning",
    "fit",
    "before",
    "download",
    "summaries",
    "roundtrip",
    "translation",
    "busy",
)


def main() -> None:
    chosen = list(itertools.takewhile(_ALL.__contains__, sys.argv[1:]))
    options = sys.argv[1 + len(chosen) :]
    if options and len(chosen) != 1:
        sys.exit(
            f"There is no benchmark “{options[0]}”, or its options belong to one alone. All: {', '.join(_ALL)}"
        )
    sys.argv[1:] = options
    for name in chosen or _ALL:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
        print(flush=True)


if __name__ == "__main__":
    main()
