"""Stands for scikit-learn in the frozen program; see the README beside this folder."""

__version__ = "1.0"
