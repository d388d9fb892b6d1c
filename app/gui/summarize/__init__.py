"""The page Summarise: what a whole document says, every point with the page it comes from."""
