"""Shows a document at the words that were quoted from it."""
