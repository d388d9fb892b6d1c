"""Preferences, saved the moment they are changed."""
