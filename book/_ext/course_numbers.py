"""Typeset the numbers that cells put into the text: ``{glue:text}`loss:.1e```.

A cell prints ``-4.5e-05``; a sentence has a real minus and a power of ten.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from mlpkit.readable import readable


class ReadableNumbers(SphinxPostTransform):
    """Rewrite glued texts, those of other pages included, which are put in just before."""

    default_priority = 6

    def run(self, **_: Any) -> None:
        """Rewrite each text that myst-nb has marked."""
        for pasted in self.document.findall(nodes.inline):
            if "pasted-text" in pasted["classes"]:
                text = readable(pasted.astext())
                pasted.children = []
                pasted += nodes.Text(text)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_post_transform(ReadableNumbers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
