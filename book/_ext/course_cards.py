"""The chapters on the front page: a card for each, with a picture, a question and minutes.

The directive ``chapter-cards`` holds a line ``slug: question`` for each chapter of ``_toc.yml``.
The picture is the first figure of the chapter, and the minutes are those that its head states.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

MINUTES = re.compile(r"^\*About (\d+) minutes", re.MULTILINE)

logger = logging.getLogger(__name__)


class picture_of(nodes.General, nodes.Element):  # noqa: N801 (docutils names visitors after it)
    """The place of a chapter's first figure."""


class ChapterCards(SphinxDirective):
    """The directive ``chapter-cards``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make a card for each chapter, and warn of one without a question."""
        questions = dict(line.split(": ", 1) for line in self.content if line.strip())
        cards = nodes.bullet_list(classes=["chapter-cards"])
        for docname in chapters(self.env):
            slug = docname.rsplit("/", 1)[-1]
            if slug not in questions:
                fault = f"chapter-cards: no line `{slug}: question`"
                logger.warning(fault, location=(self.env.docname, self.lineno), type="cards")
                continue
            cards += self._card(docname, slug, questions[slug])
        return [cards]

    def _card(self, docname: str, slug: str, question: str) -> nodes.list_item:
        """Make the card of one chapter."""
        path = Path(self.env.doc2path(docname))
        self.env.note_dependency(str(path))
        minutes = MINUTES.search(path.read_text(encoding="utf-8"))
        title = addnodes.pending_xref(
            "",
            nodes.inline(text=slug),
            refdomain="std",
            reftype="ref",
            reftarget=slug,
            refexplicit=False,
            refwarn=True,
            refdoc=self.env.docname,
        )
        card = nodes.list_item("", picture_of(docname=docname))
        card += nodes.paragraph("", "", title, classes=["chapter-title"])
        card += nodes.paragraph(text=question)
        if minutes:
            card += nodes.paragraph(text=f"{minutes[1]} minutes", classes=["chapter-minutes"])
        return card


def chapters(env: BuildEnvironment) -> list[str]:
    """List the numbered pages of the book, in reading order."""
    toc = yaml.safe_load(Path(env.srcdir, "_toc.yml").read_text(encoding="utf-8"))
    numbered = [part for part in toc["parts"] if part.get("numbered")]
    return [chapter["file"] for part in numbered for chapter in part["chapters"]]


class PutPictures(SphinxPostTransform):
    """Put the first figure of each chapter into its card, when all pages have been read."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Copy the two renderings of the figure."""
        for place in list(self.document.findall(picture_of)):
            figures = filter(_is_figure, self.env.get_doctree(place["docname"]).findall())
            first = next(figures, nodes.Element())
            images = [image.deepcopy() for image in first.findall(nodes.image)]
            place.replace_self(nodes.container("", *images, classes=["chapter-picture"]))


def _is_figure(node: nodes.Node) -> bool:
    """Say whether a node holds the renderings of a figure."""
    return isinstance(node, nodes.container) and "renderings" in node["classes"]


def write_front_page_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the front page with every build that writes at all: its pictures are of other pages."""
    return [app.config.root_doc]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(picture_of)
    app.add_directive("chapter-cards", ChapterCards)
    app.add_post_transform(PutPictures)
    app.connect("env-updated", write_front_page_anew)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
