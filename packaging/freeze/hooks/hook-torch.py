"""In place of the hook that comes with PyInstaller, which takes all of torch: see contents.py for what is needed.

Libraries of torch find each other beside themselves, so they stay together; it refuses to be imported without its
manager of shared memory.
"""

from pathlib import Path

import torch

HERE = Path(torch.__file__).parent

hiddenimports: list[str] = []
binaries = [(str(each), "torch/lib") for each in (HERE / "lib").glob("*.so*")]
binaries += [(str(HERE / "bin" / "torch_shm_manager"), "torch/bin")]
# what reads its own source text when it is imported: settings, and functions with several forms
_READ = ("**/config.py", "**/_config.py", "nn/**/*.py", "functional.py", "_jit_internal.py")
datas = [
    (str(file), str(Path("torch") / file.parent.relative_to(HERE)))
    for pattern in _READ
    for file in HERE.glob(pattern)
]
