"""Where the installed program begins, run by alcove.exe and alcovew.exe."""

import os
import sys

# said by every program that brings its own Python: workers are started with `--worker`, data may lie beside the program
sys.frozen = True  # type: ignore[attr-defined]
if sys.stdout is None or sys.stderr is None:  # started without a terminal: what is printed goes nowhere
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115

from app.__main__ import main  # noqa: E402

sys.exit(main())
