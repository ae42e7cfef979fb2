"""Interactive figures of the built book, which need no kernel.

A figure is an ES module ``book/_static/interactive/<name>.js`` that exports
``render({model, el})``: ``model.get(key)`` reads the data that a cell of the chapter computed,
``el`` is the element to fill. The built page calls it. Where no script runs, as in JupyterLab or on
paper, the reader sees the summary instead.
"""

import json
from dataclasses import dataclass
from html import escape
from typing import Any

import torch


@dataclass(frozen=True)
class Interactive:
    """One interactive figure.

    Attributes:
        name: name of the ES module, without suffix.
        data: what the module reads; numbers, strings, lists, dicts and tensors.
        summary: a sentence that says what can be done and seen, for readers without it.

    Examples:
        >>> figure = Interactive("fold", {"depths": torch.tensor([1, 2])}, "Fold the line.")
        >>> print(figure._repr_html_())
        <div class="interactive" data-interactive="fold"><p>Fold the line.</p>
        <script type="application/json">{"depths":[1,2]}</script></div>
    """

    name: str
    data: dict[str, Any]
    summary: str

    def __repr__(self) -> str:
        return self.summary

    def _repr_html_(self) -> str:
        # "</" inside the data would end the script element
        data = json.dumps(self.data, default=_plain, separators=(",", ":")).replace("</", "<\\/")
        return (
            f'<div class="interactive" data-interactive="{escape(self.name)}">'
            f"<p>{escape(self.summary)}</p>\n"
            f'<script type="application/json">{data}</script></div>'
        )


def _plain(value: Any) -> Any:
    """Return tensors as lists, which JSON knows."""
    if isinstance(value, torch.Tensor):
        return value.tolist()
    raise TypeError(f"cannot write a {type(value).__name__} into a page")
