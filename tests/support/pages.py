"""nbgrader's own pages of a graded notebook, and what in a page could run or load something."""

import html.parser
import re
from pathlib import Path

import nbformat
import nbgrader
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from traitlets.config import Config

from mlpgrader.course.autograded import grade_id

TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
RESOURCES = {
    "formgrade": {"index": 0, "total": 1, "base_url": "", "metadata": {}},
    "feedback": {
        "metadata": {},
        "nbgrader": {"notebook": "toy", "score": 0, "max_score": 3, "late_penalty": 0},
    },
}
ACTIVE = {"script", "style", "iframe", "object", "embed", "base", "meta", "link", "form", "svg"}
ADDRESSES = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}
INERT = re.compile(r"#|data:image/(png|jpeg|gif|webp|svg\+xml);base64,")


def nbgrader_page(notebook: Path, template: str) -> str:
    """A notebook as formgrader (`formgrade`) or `generate_feedback` (`feedback`) shows it."""
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
    css = TEMPLATES.parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    config.HTMLExporter.extra_template_paths = [str(css), *TemplateExporter().template_paths]
    exporter = HTMLExporter(config=config)
    book = nbformat.read(notebook, as_version=4)
    for cell in book.cells:  # what the gradebook would tell
        if grade_id(cell):
            cell.metadata.nbgrader.score = 0
    page, _ = exporter.from_notebook_node(book, resources=RESOURCES[template])
    return page


def dangers(page: str) -> list[str]:
    """The tags within a page's notebook that could run or load something."""
    finder = _Finder()
    finder.feed(page[page.index('id="notebook-container"') :])
    return finder.found


class _Finder(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        odd = [
            name
            for name, value in attrs
            if name.startswith("on") or (name in ADDRESSES and not INERT.match(value or ""))
        ]
        if tag in ACTIVE or odd:
            self.found.append(self.get_starttag_text() or tag)
