"""What every part may use: errors, cancelling, paths, settings, files, logs, worker processes."""

import gc

# By default cycles are looked for every 700 new objects: some percent of the time until the window shows.
gc.set_threshold(20_000, 20, 20)
