from scipy import left_out as __getattr__  # noqa: F401
