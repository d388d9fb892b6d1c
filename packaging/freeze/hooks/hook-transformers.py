"""In place of the hook that comes with PyInstaller: transformers lists its own folder when it is imported.

It reads `__init__.py` and `configuration_*.py` of every family of models there. The networks themselves are only needed of
families that search, rerank or mark answers.
"""

from pathlib import Path

import transformers
from contents import FAMILIES

HERE = Path(transformers.__file__).parent

module_collection_mode = "pyz"
hiddenimports: list[str] = []
_LISTED = ("models/**/__init__.py", "models/**/configuration_*.py")
files = {file for pattern in _LISTED for file in HERE.glob(pattern)}
for family in FAMILIES:
    files.update((HERE / "models" / family).glob("*.py"))
    hiddenimports += [
        f"transformers.models.{family}.{file.stem}"
        for file in (HERE / "models" / family).glob("*.py")
        if file.stem.startswith(("configuration", "modeling", "tokenization", "auto_", "__init__"))
    ]
files.update(file for file in HERE.rglob("*.py") if HERE / "models" not in file.parents)
datas = [(str(file), str(Path("transformers") / file.parent.relative_to(HERE))) for file in sorted(files)]
