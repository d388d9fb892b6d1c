"""What every part may use: errors, cancelling, paths, settings, files, logs, worker processes."""
