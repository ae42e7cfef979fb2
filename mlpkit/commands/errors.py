"""What a command tells in one line instead of a traceback."""


class CommandError(Exception):
    """The command was given something it cannot use; the message says what, and what to do."""


class InstallationError(Exception):
    """Something that the course needs is not installed or does not start."""
