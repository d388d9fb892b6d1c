"""Reading a person's files: what they hold, where it stands in them, and how it is cut into passages."""
