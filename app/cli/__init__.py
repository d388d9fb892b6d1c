"""The terminal: one subcommand for each operation, as text or JSON."""
