"""An autograded notebook as pages read it: as data, without the seconds that nbformat takes."""

import json
from pathlib import Path
from typing import Any

from mlpgrader.assignment.plan import joined

NOT_GRADED = "NotGraded"  # what a test of a submission that cannot be read shows


def read_shown(path: Path) -> dict[str, Any]:
    """An autograded notebook, the text of each cell and output in one piece.

    nbgrader stores lists of lines.

    Raises:
        OSError: if there is none.
        ValueError: if it is no notebook.
    """
    notebook = json.loads(path.read_text(encoding="utf-8"))
    try:
        cells = [_whole(cell) for cell in notebook["cells"]]
        return {**notebook, "cells": cells}
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no notebook: {error!r}") from None


def _whole(cell: dict[str, Any]) -> dict[str, Any]:
    whole = {**cell, "source": joined(cell["source"]), "metadata": {**cell["metadata"]}}
    if "outputs" in cell:
        whole["outputs"] = [_whole_output(output) for output in cell["outputs"]]
    return whole


def _whole_output(output: dict[str, Any]) -> dict[str, Any]:
    if output["output_type"] == "stream":
        return {**output, "text": joined(output["text"])}
    if "data" not in output:
        return output
    data = {kind: _text(value) for kind, value in output["data"].items()}
    return {**output, "data": data}


def _text(value: Any) -> Any:
    return joined(value) if isinstance(value, list) else value
