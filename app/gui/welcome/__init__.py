"""The first run: what Alcove does, and a way to try it in a minute."""
