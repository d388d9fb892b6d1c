"""Translating texts and documents: the page, the review of segments, glossaries and the translation memory."""
