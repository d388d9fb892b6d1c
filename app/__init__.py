"""Alcove: a desktop assistant that works without a network."""

import os

__version__ = "0.1.0"

# pydantic would search every installed package for plugins at start; Alcove has none
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
