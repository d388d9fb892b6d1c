"""Everything about one model: what it is for, whether it fits this computer, and what can be done with it."""
