"""Name the kind of a mistake where the answer shows it."""


def explain(error: Exception) -> str | None:
    """Say in a sentence what an error in the visible part of a test means; None if nobody knows.

    Examples:
        >>> explain(RecursionError("maximum recursion depth exceeded"))
        'it calls itself deeper than Python allows: use a loop and a list instead'
    """
    if isinstance(error, RecursionError):
        return "it calls itself deeper than Python allows: use a loop and a list instead"
    return None
