"""What the grader refuses, each with a message of one line."""


class UsageError(Exception):
    """The command or the course is at fault (exit code 2)."""


class MachineError(Exception):
    """The machine lacks what grading needs, such as a sandbox (exit code 3)."""


class UnreadableError(Exception):
    """A submission is not a notebook that can be opened."""
