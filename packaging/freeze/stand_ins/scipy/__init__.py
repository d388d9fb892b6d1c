"""Stands for SciPy in the frozen program; see the README beside this folder."""

__version__ = "1.0"


def left_out(name: str) -> type:
    """A class of this name that cannot be used: what is imported may be called, or only be asked for as a type."""

    def refuse(self: object, *_arguments: object, **_named: object) -> None:
        raise NotImplementedError(f"{name} is left out of the packaged Alcove")

    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {"__init__": refuse})
