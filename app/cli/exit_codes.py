"""What a command tells a script by its end; 0 is success."""

EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_BUG = 70
EXIT_STOPPED = 130
