"""Translating texts and whole documents."""
