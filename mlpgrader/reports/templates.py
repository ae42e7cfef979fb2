"""The templates of the pages that people read: whatever is put in is cleaned and escaped."""

from pathlib import Path

import jinja2
from markupsafe import Markup

from mlpgrader.clean import plain
from mlpgrader.reports.table import duration, format_points


def environment() -> jinja2.Environment:
    """The templates of this folder."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        finalize=cleaned,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["duration"] = duration
    made.filters["points"] = format_points
    return made


def cleaned(value: object) -> str:
    """What a page gets of a value: its plain text, unless the template marked it as safe."""
    if isinstance(value, Markup):
        return value
    return plain(str(value))
