"""Small encoders that mark the words of a passage that answer a question."""
