"""What made-up courses share: cells and notebooks of nbgrader's form, and its settings."""

from typing import Any

Notebook = dict[str, Any]
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "toy"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Execute.skip_cells_with_tag = ""
c.OverwriteCells.add_missing_cells = True
"""


def cell(source: str, grade_id: str = "", *, tags: list[str] | None = None, **settings) -> Notebook:
    """A code cell; with a `grade_id`, one of nbgrader's."""
    metadata: dict[str, Any] = {}
    if tags:
        metadata["tags"] = tags
    if grade_id:
        metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": grade_id,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
            **settings,
        }
    return {
        "cell_type": "code",
        "id": grade_id or "free",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def prose(text: str, cell_id: str) -> Notebook:
    """A Markdown cell."""
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": text}


def notebook(cells: list[Notebook]) -> Notebook:
    """A notebook of nbformat 4."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
