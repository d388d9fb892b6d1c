"""Run first in the frozen program: the starter put the bundle's folder into LD_LIBRARY_PATH.

This process has read it already. Other programs that Alcove starts (a file manager, a browser) must use their own
libraries; a worker, which is this program again, is told to begin from nothing and finds the bundle's for itself.
"""

import os

before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if before is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = before
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
