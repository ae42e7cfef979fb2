"""Interactive figures of the built book, which need no kernel.

A figure is an ES module ``book/_static/interactive/<name>.js`` that exports its ``settings`` and
``render(stage, data)``: the stage has the element to fill, the data are what a cell of the chapter
computed. The built page calls it. Where no script runs, as in JupyterLab, the reader sees the
summary instead.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Interactive:
    """One interactive figure.

    Attributes:
        name: name of the ES module, without suffix.
        data: what the module reads; numbers, strings, lists, dicts and tensors.
        summary: a sentence that says what can be done and seen, for readers without it.

    Examples:
        >>> import torch
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
    if isinstance(value, Tensor):
        return value.tolist()
    raise TypeError(f"cannot write a {type(value).__name__} into a page")


def as_texts(columns: Mapping[str, Sequence[Tensor]]) -> dict[str, list[list[str]]]:
    """Write numbers with three digits, ``nan`` and ``inf`` too, which JSON does not know.

    Args:
        columns: tensors under the name of what computed them.

    Shape:
        - columns: tensors ``(K,)``

    Returns:
        Lists of K strings in place of the tensors.

    Examples:
        >>> import torch
        >>> as_texts({"naive": (torch.tensor([0.25, float("nan")]), torch.tensor([1e-9, -0.0]))})
        {'naive': [['0.25', 'nan'], ['1e-09', '0']]}
    """
    return {
        name: [[f"{number + 0.0:.3g}" for number in part.tolist()] for part in parts]
        for name, parts in columns.items()
    }
