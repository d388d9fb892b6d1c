"""One question put to each document: a table of answers, each with its place."""
