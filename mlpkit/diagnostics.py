"""What to look at when a network does not train: sizes, gradients, dead units, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from mlpkit.activations import ACTIVATIONS

if TYPE_CHECKING:
    from mlpkit.mlp import Cache

SATURATED_BELOW = 0.05  # share of the steepest slope
ROUNDING = 1e-14  # what computing a number in float64 may change, as a share of it
SAME = 1e-9  # a relative difference below which two numbers of a ReLU network count as one


class LayerStatistics(NamedTuple):
    """Mean, standard deviation and root mean square over all units and examples of a layer.

    Shape:
        - each: ``(L + 1,)``, float64; entry 0 is the input's, the last the logits'.
    """

    mean: Tensor
    std: Tensor
    rms: Tensor


def layer_statistics(cache: Cache) -> LayerStatistics:
    r"""Summarize what each layer puts out: the inputs, the hidden activations, the logits.

    The root mean square is what an initialization tries to keep;
    :math:`\text{rms}^2 = \text{mean}^2 + \text{std}^2`.

    Args:
        cache: the cache of :func:`mlpkit.mlp.forward`, with lists ``H`` and ``Z``.

    Returns:
        Three tensors with an entry per layer, so ``rms[1:] / rms[:-1]`` is each layer's factor.

    Examples:
        >>> from mlpkit.mlp import Cache
        >>> X, logits = torch.ones(2, 3), torch.tensor([[3.0, -3.0], [3.0, -3.0]])
        >>> layer_statistics(Cache(Z=[logits], H=[X])).rms.tolist()
        [1.0, 3.0]
    """
    # float64, for the squares of what explodes
    layers = [layer.detach().double() for layer in (*cache.H, cache.Z[-1])]
    mean = torch.stack([layer.mean() for layer in layers])
    std = torch.stack([layer.std(correction=0) for layer in layers])
    rms = torch.stack([layer.square().mean().sqrt() for layer in layers])
    return LayerStatistics(mean, std, rms)


def gradient_norms(grads: Iterable[Tensor]) -> Tensor:
    """Return the Frobenius norm of each gradient.

    Args:
        grads: one tensor per layer, of any shape.

    Shape:
        - Output: ``(L,)``, float64.

    Examples:
        >>> gradient_norms([torch.tensor([[3.0], [4.0]]), torch.zeros(2, 2)]).tolist()
        [5.0, 0.0]
    """
    return torch.stack([grad.detach().double().norm() for grad in grads])


def update_ratios(weights: Iterable[Tensor], grads: Iterable[Tensor], lr: float) -> Tensor:
    r"""Return how far one step of gradient descent moves each matrix, as a share of its size.

    .. math:: \eta \, \lVert dW \rVert_F / \lVert W \rVert_F

    Args:
        weights: one tensor per layer; of zeros, its ratio is infinite, or nan if it stays there.
        grads: their gradients, in the same order.
        lr: learning rate.

    Shape:
        - Output: ``(L,)``, float64.

    Examples:
        >>> update_ratios([torch.ones(2, 2)], [torch.full((2, 2), 0.5)], lr=0.1).tolist()
        [0.05]
    """
    return lr * gradient_norms(grads) / gradient_norms(weights)


def dead_units(batches: Iterable[Tensor]) -> list[int]:
    """Find the units that are zero for every example of every minibatch.

    Args:
        batches: activations after ReLU, a tensor per minibatch; at least one.

    Shape:
        - Each minibatch: ``(N, h)``; ``N`` may differ.

    Returns:
        The indices of the units, in increasing order.

    Raises:
        ValueError: if there is no minibatch.

    Examples:
        >>> dead_units([torch.tensor([[0.0, 1.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0]])])
        [0]
    """
    silent = [(H == 0).all(dim=0) for H in batches]
    if not silent:
        raise ValueError("at least one minibatch is needed to call a unit dead")
    return torch.stack(silent).all(dim=0).nonzero().flatten().tolist()


def saturated_fraction(H: Tensor, activation: str) -> float:
    """Return the share of activations on a flat part, where little gradient passes.

    Flat means that the slope is below 5 % of the steepest: beyond ±0.975 for tanh, outside
    0.013 to 0.987 for sigmoid, at 0 for ReLU.

    Args:
        H: activations, after the activation function.
        activation: ``"relu"``, ``"sigmoid"`` or ``"tanh"``; the output of others does not tell
            their slope.

    Shape:
        - H: any.

    Returns:
        A share in [0, 1].

    Raises:
        ValueError: for another activation.

    Examples:
        >>> saturated_fraction(torch.tensor([-0.99, 0.0, 0.5, 0.99]), "tanh")
        0.5
    """
    return _is_flat(H, activation).double().mean().item()


def _is_flat(H: Tensor, activation: str) -> Tensor:
    """Say for each activation whether it lies on a flat part."""
    known = {name: a.slope_at_output for name, a in ACTIVATIONS.items() if a.slope_at_output}
    if activation not in known:
        raise ValueError(f"activation must be one of {', '.join(known)}, got {activation!r}")
    slope_at_output = known[activation]
    return slope_at_output(H.detach()) < SATURATED_BELOW


class Health(NamedTuple):
    """What :func:`examine` finds in a network of ``L`` layers with weights.

    Shape:
        - rms: ``(L + 1,)``, root mean square of the input, each hidden activation, the logits.
        - gradient: ``(L,)``, norm of the gradient of each weight matrix.
        - flat: ``(L - 1,)``, share of the hidden activations on a flat part.
        - dead: ``(L - 1,)``, share of the hidden units that are flat for every example.
        - update: ``(L,)``, size of one step of gradient descent, as a share of the weights.
    """

    rms: Tensor
    gradient: Tensor
    flat: Tensor
    dead: Tensor
    update: Tensor


def examine(model: nn.Module, X: Tensor, y: Tensor, activation: str, lr: float) -> Health:
    """Look at every layer of a classifier on one minibatch, and leave the classifier as it is.

    Args:
        model: any module whose layers with weights are ``nn.Linear``, each called once.
        X: a minibatch of inputs.
        y: class indices, int64.
        activation: that between the layers: ``"relu"``, ``"sigmoid"`` or ``"tanh"``.
        lr: learning rate.

    Shape:
        - X: ``(N, in_features)``
        - y: ``(N,)``

    Raises:
        ValueError: for another activation.

    Examples:
        >>> model = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
        >>> health = examine(model, torch.ones(7, 5), torch.zeros(7).long(), "tanh", lr=0.1)
        >>> health.rms.shape, health.flat.shape
        (torch.Size([3]), torch.Size([1]))
    """
    # 1. run the model, and keep the weights and the input of each of its linear layers
    weights: list[Tensor] = []
    H: list[Tensor] = []

    def keep(linear: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        weights.append(linear.get_parameter("weight"))
        H.append(inputs[0])

    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    handles = [layer.register_forward_pre_hook(keep) for layer in layers]
    try:
        logits = model(X)
    finally:
        for handle in handles:
            handle.remove()

    # 2. differentiate; autograd.grad, unlike backward(), adds nothing to the grad of a parameter
    dweights = torch.autograd.grad(nn.functional.cross_entropy(logits, y), weights)

    # 3. measure layer by layer
    rms = []
    for h in (*H, logits):
        rms.append(h.detach().double().square().mean().sqrt())
    flat = []
    dead = []
    for h in H[1:]:
        is_flat = _is_flat(h, activation)
        flat.append(is_flat.double().mean().item())
        dead.append(is_flat.all(dim=0).double().mean().item())
    return Health(
        rms=torch.stack(rms),
        gradient=gradient_norms(dweights),
        flat=torch.tensor(flat, dtype=torch.float64),
        dead=torch.tensor(dead, dtype=torch.float64),
        update=update_ratios(weights, dweights, lr),
    )


def saved_bytes(function: Callable[[], object], exclude: Sequence[Tensor] = ()) -> int:
    """Measure what autograd keeps from a computation for its backward pass.

    Each piece of memory counts once, however many operations keep it.

    Args:
        function: the computation, called once without arguments.
        exclude: tensors that are kept anyway, such as the inputs and the parameters.

    Returns:
        Bytes.

    Examples:
        >>> x = torch.ones(1000, requires_grad=True)  # 4 bytes each
        >>> saved_bytes(lambda: x.exp().sin())
        4000
        >>> saved_bytes(lambda: x.sin(), exclude=[x])
        0
    """
    pieces: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: Tensor) -> Tensor:
        # held until the end, so that no address is given out twice
        piece = tensor.untyped_storage()
        pieces[piece.data_ptr()] = piece
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = function()
    del result
    for tensor in exclude:
        pieces.pop(tensor.untyped_storage().data_ptr(), None)
    return sum(piece.nbytes() for piece in pieces.values())


def linear_pieces(w: Tensor, b: Tensor, v: Tensor) -> int:
    r"""Count the straight pieces of a one-input ReLU network on the real line.

    Unit :math:`j` of :math:`f(t) = \sum_j v_j \, \text{relu}(w_j t + b_j)` bends it at
    :math:`-b_j / w_j`, where the slope changes by :math:`v_j |w_j|`.

    Args:
        w: weights of the hidden layer.
        b: its biases.
        v: weights of the output.

    Shape:
        - w, b, v: ``(h,)``, best in float64: knots closer than 1e-9 (relative) count as one, and
          changes of slope that cancel to 1e-9 of their size as none.

    Returns:
        The number of pieces, from 1 to ``h + 1``.

    Examples:
        >>> one = torch.tensor([1.0, -1.0])
        >>> linear_pieces(one, torch.zeros(2), torch.ones(2))  # |t|
        2
        >>> linear_pieces(one, torch.zeros(2), one)  # relu(t) - relu(-t) = t
        1
    """
    # 1. where does each unit bend the function, and by how much does the slope change there?
    bends = w != 0
    w = w.detach().double()[bends]
    b = b.detach().double()[bends]
    v = v.detach().double()[bends]
    knots, order = (-b / w).sort()
    changes = (v * w.abs())[order]

    # 2. number the places, from the left: knots too close to tell apart share one
    place = torch.zeros(len(knots), dtype=torch.int64)
    is_apart = knots.diff() > SAME * knots[1:].abs().clamp(min=1)
    place[1:] = is_apart.cumsum(0)

    # 3. add up the changes at each place; a new piece begins where they do not cancel
    total = torch.zeros_like(knots).index_add(0, place, changes)
    size = torch.zeros_like(knots).index_add(0, place, changes.abs())
    return 1 + int((total.abs() > SAME * size).sum())


def pieces_along(y: Tensor) -> Tensor:
    """Count the straight pieces of functions whose values at even steps are given.

    A piece ends where the slope changes. Two bends that are less than two steps apart count as
    one.

    Args:
        y: values at increasing points, each as far from the next.

    Shape:
        - y: ``(..., K)``, best in float64: below 1e-9 of the steepest slope, or what rounding
          ``y`` can do, is no bend.
        - Output: ``(...)``, int64.

    Examples:
        >>> x = torch.linspace(-1, 1, 21, dtype=torch.float64)
        >>> pieces_along(torch.stack([x, x.abs(), (x - 0.51).relu() + x.relu()]))
        tensor([1, 2, 3])
    """
    y = y.detach().double()
    slopes = y.diff()
    steepest = slopes.abs().amax(-1, keepdim=True)
    rounding = ROUNDING * y.abs().amax(-1, keepdim=True)
    changes = slopes.diff().abs() > torch.maximum(SAME * steepest, rounding)
    # a bend between two points changes the slope at both
    begins = changes[..., :1].sum(-1) + (changes[..., 1:] & ~changes[..., :-1]).sum(-1)
    return 1 + begins
