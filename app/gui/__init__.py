"""The window. The only part of Alcove that knows Qt."""

import sys

if sys.version_info < (3, 12):
    import ctypes

    # PySide 6.12 hands out None without counting the reference, which is right from Python 3.12 on, where
    # None never dies. Before, each call that returns nothing takes one reference away, and after some
    # thousand calls the interpreter aborts ("deallocating None"). So None is given more than can be used up.
    ctypes.c_ssize_t.from_address(id(None)).value += sys.maxsize >> 2
