"""The two SQLite files: `user.db` (precious) and `index.db` (can be rebuilt)."""
