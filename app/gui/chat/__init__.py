"""Conversations: the list, the transcript, the sources and the field to type in."""
