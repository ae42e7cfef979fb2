"""Questions with one right letter: what was chosen, and why a wrong letter is wrong."""

import ast

from mlpgrader.assignment.syntax import parse

CHOICE = "choice"
MOST_CHARACTERS = 20_000  # of a cell that is read: no longer one chooses a letter


def reasons_of(source: str) -> dict[str, str]:
    r"""Why each wrong letter is wrong, from the hidden part of the question's test.

    Args:
        source: the test cell, which may assign a dict of texts to `REASONS`.

    Example:
        >>> reasons_of('"one letter"\nREASONS = {"A": "ReLU is never negative."}')
        {'A': 'ReLU is never negative.'}
        >>> reasons_of("assert True")
        {}
    """
    value = _assigned(source, "REASONS")
    if not isinstance(value, dict):
        return {}
    return {str(letter): str(reason) for letter, reason in value.items()}


def chosen(source: str) -> str:
    """The letter that a solution cell assigns to `choice`; nothing if it is not written there.

    Example:
        >>> chosen('choice = " b"')
        'B'
    """
    value = _assigned(source[:MOST_CHARACTERS], CHOICE)
    return value.strip().upper() if isinstance(value, str) else ""


def _assigned(source: str, name: str) -> object:
    """The last constant that a cell assigns to a name at top level; None if there is none."""
    try:
        statements = parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    value = None
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
                value = _constant(statement.value)
    return value


def _constant(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
