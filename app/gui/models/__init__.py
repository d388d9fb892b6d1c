"""The Models page: what this computer can run, what is on it, and what can be fetched."""
