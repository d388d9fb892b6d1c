"""All measurements, one after the other. Run on an otherwise idle machine: python -m benchmarks [NAME…]"""

import importlib
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
    chosen = sys.argv[1:] or _ALL
    sys.argv = sys.argv[:1]  # a benchmark may have options of its own
    for name in chosen:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
        print(flush=True)


if __name__ == "__main__":
    main()
