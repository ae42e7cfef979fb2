"""The text of a set as students get it: solutions replaced by stubs, as nbgrader does it.

nbgrader's own preprocessor takes seconds to import, and grading is to start at once;
`tests/mlpgrader/assignment/test_stub.py` compares the two.
"""

import json

from mlpgrader.assignment.plan import STUDENTS, Settings, kind_of, text_of


def stub_of(text: str, settings: Settings) -> str:
    """A notebook with a stub in place of each solution.

    Args:
        text: the source notebook.
        settings: the markers of solutions, and the stub.
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and kind_of(cell) in STUDENTS:
            cell["source"] = cleared(text_of(cell), settings)
    return json.dumps(notebook)


def emptied(text: str) -> str:
    """A notebook with nothing at all in place of each solution."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if kind_of(cell) in STUDENTS:
            cell["source"] = ""
    return json.dumps(notebook)


def cleared(source: str, settings: Settings) -> str:
    r"""The text of a solution cell as students get it.

    Example:
        >>> short = Settings(stub="...")
        >>> cleared("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", short)
        'def f():\n    ...'
        >>> cleared("f = 1", short)
        '...'
    """
    begin, end = settings.solution
    if begin not in source:
        return settings.stub
    lines = []
    in_solution = False
    for line in source.split("\n"):
        if begin in line:
            in_solution = True
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + part for part in settings.stub.split("\n")]
        elif end in line:
            in_solution = False
        elif not in_solution:
            lines.append(line)
    return "\n".join(lines)
