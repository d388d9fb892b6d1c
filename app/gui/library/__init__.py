"""The library page: collections of folders, what was read from them, and what was not."""
