"""Draws the computational graph that autograd recorded, with values and gradients on it.

The graph is read from ``grad_fn`` and its ``next_functions``, and becomes an SVG image without
another program.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import Node, get_gradient_edge
from torch.utils.hooks import RemovableHandle

from mlpkit._graph_layout import CHARACTER, LINE, Box, arrange

# the tensors that each function of a graph stands for, with their names
NamedTensors = dict[Node, list[tuple[str, Tensor]]]

SYMBOLS = {"Add": "+", "Sub": "−", "Mul": "×", "Div": "÷", "Mm": "@", "Mv": "@", "Dot": "@"}


@dataclass(frozen=True)
class Drawing:
    """An SVG image; a notebook shows it in the text color of the page.

    Attributes:
        svg: the source of the image.
    """

    svg: str

    def __str__(self) -> str:
        return self.svg

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        # within the page, unlike an image file, the text color is the page's own
        return self.svg


def draw(output: Tensor, names: dict[str, Tensor] | None = None) -> Drawing:
    """Draw how autograd will go back from a result to what it was computed from.

    Leaves have square corners, operations round ones. A named tensor, a leaf and the result show
    their value (numbers up to four entries, else the shape) and the gradient of the result, summed
    over its entries, by them (else its norm). After ``backward()`` has freed the graph, the
    gradients are those left in ``.grad``. An operand without a gradient is called "constant".
    Where a tensor of up to four entries is used more than once, each of its arrows carries the
    gradient that comes back along it; together they are the tensor's own.

    Args:
        output: the result; it must require a gradient.
        names: tensors to name, leaves or results on the way.

    Returns:
        The drawing; ``str`` of it is an SVG image with a title and a description.

    Raises:
        ValueError: if the result, or a named tensor, is no part of a graph.

    Examples:
        >>> x = torch.tensor(3.0, requires_grad=True)
        >>> drawing = draw(x * x, {"x": x})
        >>> "x = 3" in str(drawing), "gradient 6" in str(drawing)
        (True, True)
    """
    if not output.requires_grad:
        raise ValueError("output has no graph: nothing it was computed from requires a gradient")
    order = _functions(get_gradient_edge(output).node)
    tensors = _tensors(order, output, names or {})
    sent: dict[Node, tuple[Tensor | None, ...]] = {}
    hooks = [_keep_sent(function, sent) for function in order]
    grads = _gradients(output, tensors)
    for hook in hooks:
        hook.remove()
    boxes = _boxes(order, tensors, grads)
    _label_shared(order, boxes, sent)
    return Drawing(_svg(boxes, arrange(boxes)))


def _keep_sent(function: Node, sent: dict[Node, tuple[Tensor | None, ...]]) -> RemovableHandle:
    """Note what a function sends back along each of its arrows in the next backward pass."""

    def note(to_inputs: tuple[Tensor | None, ...], _: Any) -> None:
        sent[function] = to_inputs

    return function.register_hook(note)


def _functions(last: Node) -> list[Node]:
    """Return every function of the graph once, inputs before what uses them."""
    order: dict[Node, None] = {}
    stack = [(last, False)]
    while stack:  # not by recursion: graphs may be thousands of operations deep
        function, inputs_done = stack.pop()
        if inputs_done:
            order[function] = None
        elif function not in order:
            stack.append((function, True))
            stack.extend((parent, False) for parent in reversed(_parents(function)))
    return list(order)


def _parents(function: Node) -> list[Node]:
    return [parent for parent, _ in function.next_functions if parent is not None]


def _tensors(order: list[Node], output: Tensor, names: dict[str, Tensor]) -> NamedTensors:
    """Say which tensors, by which names, each function stands for."""
    tensors: NamedTensors = {function: [] for function in order}
    for name, tensor in names.items():
        function = _function_of(tensor)
        if function not in tensors:
            raise ValueError(
                f"{name!r} is no part of the graph: no gradient goes from output to it"
            )
        tensors[function].append((name, tensor))
    for function, named in tensors.items():
        leaf = _leaf_of(function)
        if leaf is not None and not named:
            named.append(("leaf", leaf))
    if not tensors[order[-1]]:
        tensors[order[-1]].append(("output", output))
    return tensors


def _function_of(tensor: Tensor) -> Node | None:
    """Return the function that computes a tensor, or that stands for it if it is a leaf."""
    if not tensor.requires_grad:
        return None
    return get_gradient_edge(tensor).node


def _leaf_of(function: Node) -> Tensor | None:
    """Return the leaf that a function stands for; None if it computes something."""
    return getattr(function, "variable", None)


def _gradients(output: Tensor, tensors: NamedTensors) -> dict[int, Tensor | None]:
    """Return the gradient by each shown tensor, under the tensor's id."""
    shown = [tensor for named in tensors.values() for _, tensor in named]
    start = torch.ones_like(output)
    grads: Sequence[Tensor | None]
    try:
        grads = torch.autograd.grad(output, shown, start, retain_graph=True, allow_unused=True)
    except RuntimeError:  # backward() was called, and what it needs is gone
        grads = [_gradient_left_in(tensor) for tensor in shown]
    return {id(tensor): grad for tensor, grad in zip(shown, grads, strict=True)}


def _gradient_left_in(tensor: Tensor) -> Tensor | None:
    # torch warns who asks any other tensor
    if tensor.is_leaf or tensor.retains_grad:
        return tensor.grad
    return None


def _boxes(order: list[Node], tensors: NamedTensors, grads: dict[int, Tensor | None]) -> list[Box]:
    boxes: dict[Node, Box] = {}
    for function in order:
        inputs = [boxes[parent] for parent in _parents(function)]
        is_leaf = _leaf_of(function) is not None
        lines = [] if is_leaf else [_operation(function, len(inputs))]
        for name, tensor in tensors[function]:
            lines += _value_and_gradient(name, tensor, grads[id(tensor)])
        boxes[function] = Box(lines, inputs, is_leaf=is_leaf)
    return list(boxes.values())


def _label_shared(
    order: list[Node], boxes: list[Box], sent: dict[Node, tuple[Tensor | None, ...]]
) -> None:
    """Write what comes back on each arrow from a box that has more than one."""
    uses = Counter(source for box in boxes for source in box.inputs)
    for function, box in zip(order, boxes, strict=True):
        numbers = _numbers_sent(function, sent.get(function, ()))
        box.sent = [
            number if uses[source] > 1 else ""
            for source, number in zip(box.inputs, numbers, strict=False)
        ]


def _numbers_sent(function: Node, grads: tuple[Tensor | None, ...]) -> list[str]:
    """Write what a function sent to each of its parents; nothing if no backward pass has been."""
    along = zip(function.next_functions, grads, strict=False)
    return [_number_or_nothing(grad) for (parent, _), grad in along if parent is not None]


def _number_or_nothing(grad: Tensor | None) -> str:
    return "" if grad is None or grad.numel() > 4 else _numbers(grad.tolist())


def _operation(function: Node, num_inputs: int) -> str:
    name = re.sub(r"Backward\d*$", "", function.name().split("::")[-1])
    if name not in SYMBOLS:
        return name
    if num_inputs == 1:
        return f"{SYMBOLS[name]} constant"
    return SYMBOLS[name]


def _value_and_gradient(name: str, tensor: Tensor, grad: Tensor | None) -> list[str]:
    """Write numbers where there are at most four, else the shape and the norm."""
    if tensor.numel() > 4:
        value = f"{name}: {' × '.join(map(str, tensor.shape))}"
    else:
        value = f"{name} = {_numbers(tensor.tolist())}"
    if grad is None:
        return [value]
    if tensor.numel() > 4:
        return [value, f"gradient: norm {grad.norm():.4g}"]
    return [value, f"gradient {_numbers(grad.tolist())}"]


def _numbers(value: float | list[Any]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    return f"{value:.4g}".replace("-", "−")


def _svg(boxes: list[Box], rows: list[list[Box]]) -> str:
    everything = [box for row in rows for box in row]
    labels = [label for box in boxes for label in _sent_labels(box)]
    left = min([0.0, *(label.left for label in labels)]) - 4
    right = max([label.right for label in labels] + [box.x + box.width / 2 for box in everything])
    width = right + 4 - left
    height = max(box.y + box.height / 2 for box in everything) + 8
    description = escape(_describe(boxes))
    shapes = [*map(_edges, everything), *map(_rectangle, boxes), *map(str, labels)]
    drawn = "\n".join(shapes)
    # ids are shared by a whole page
    key = "graph-" + hashlib.sha256((description + drawn).encode()).hexdigest()[:10]
    drawn = drawn.replace("url(#arrow)", f"url(#{key}-arrow)")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" role="img" \
aria-labelledby="{key}-title {key}-description" viewBox="{left:.0f} -4 {width:.0f} {height:.0f}" \
width="{width:.0f}" style="max-width: 100%; height: auto" fill="none" stroke="currentColor" \
font-family="sans-serif" font-size="13" text-anchor="middle">
<title id="{key}-title">Computational graph</title>
<desc id="{key}-description">{description}</desc>
<marker id="{key}-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" \
orient="auto"><path d="M 0 0 L 8 4 L 0 8 z" fill="currentColor" stroke="none"/></marker>
{drawn}
</svg>"""


def _edges(box: Box) -> str:
    """Draw the edges into a box, and the straight way through it if it is a bend."""
    paths = []
    for i, source in enumerate(box.inputs):
        x, y = box.x + box.port(i), box.y - box.height / 2
        start = source.y + source.height / 2
        half = (start + y) / 2
        curve = f"M {source.x:.1f} {start:.1f} C {source.x:.1f} {half:.1f} {x:.1f} {half:.1f}"
        end = ' marker-end="url(#arrow)"/>' if box.lines else "/>"
        through = "" if box.lines else f" V {y + box.height:.1f}"
        paths.append(f'<path d="{curve} {x:.1f} {y:.1f}{through}"{end}')
    return "\n".join(paths)


@dataclass(frozen=True)
class _Label:
    """A number beside the middle of an arrow; ``side`` is -1 to its left and 1 to its right."""

    text: str
    x: float
    y: float
    side: int

    @property
    def left(self) -> float:
        return self.x - CHARACTER * len(self.text) if self.side < 0 else self.x

    @property
    def right(self) -> float:
        return self.x + CHARACTER * len(self.text) if self.side > 0 else self.x

    def __str__(self) -> str:
        anchor = "end" if self.side < 0 else "start"
        return (
            f'<text x="{self.x:.1f}" y="{self.y:.1f}" text-anchor="{anchor}" font-weight="bold" '
            f'fill="currentColor" stroke="none">{escape(self.text)}</text>'
        )


def _sent_labels(box: Box) -> list[_Label]:
    """Place the numbers of a box's arrows where each arrow leaves the box it comes from."""
    labels = []
    for i, text in enumerate(box.sent):
        end, x = box, box.x + box.port(i)
        source = box.inputs[i]
        while not source.lines:  # go back along the bends
            end, x, source = source, source.x, source.inputs[0]
        side = -1 if x < source.x else 1
        middle = (source.y + source.height / 2 + end.y - end.height / 2) / 2
        if text:
            labels.append(_Label(text, (source.x + x) / 2 + 10 * side, middle + 4, side))
    return labels


def _rectangle(box: Box) -> str:
    x, y = box.x - box.width / 2, box.y - box.height / 2
    corner = 0 if box.is_leaf else 10
    size = f'width="{box.width:.1f}" height="{box.height:.1f}" rx="{corner}"'
    first = box.y - LINE * (len(box.lines) - 1) / 2 + 4  # a baseline lies below the middle
    texts = [
        f'<text x="{box.x:.1f}" y="{first + LINE * i:.1f}" fill="currentColor" stroke="none">'
        f"{escape(line)}</text>"
        for i, line in enumerate(box.lines)
    ]
    return "\n".join([f'<rect x="{x:.1f}" y="{y:.1f}" {size}/>', *texts])


def _describe(boxes: list[Box]) -> str:
    """Tell the graph in words, inputs first."""
    numbers = {box: i for i, box in enumerate(boxes, start=1)}
    sentences = []
    for box in boxes:
        sources = [str(numbers[_source(end)]) for end in box.inputs]
        origin = f", from {' and '.join(sources)}" if sources else ""
        sentences.append(f"{numbers[box]}: {', '.join(box.lines)}{origin}.")
    return " ".join(sentences)


def _source(end: Box) -> Box:
    """Go back along the bends of an edge to the box that it comes from."""
    while not end.lines:
        end = end.inputs[0]
    return end
