"""Layout-keeping: the texts of a file as segments, and the same file again with other texts in them."""
