"""Summaries of whole documents, every point tied to the passages it comes from."""
