"""Whether words of a document say what a sentence says: facts, names, negations, planted commands."""
