"""What to look at when a network does not train: sizes, gradients, dead units, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from mlpkit.mlp import Cache

SATURATED_BELOW = 0.05  # share of the steepest slope


class LayerStatistics(NamedTuple):
    """Mean, standard deviation and root mean square over all units and examples of a layer.

    Shape:
        - each: ``(L + 1,)``, float64; entry 0 is the input's, the last the logits'.
    """

    mean: Tensor
    std: Tensor
    rms: Tensor


def layer_statistics(logits_cache: Cache) -> LayerStatistics:
    r"""Summarize what each layer puts out: the inputs, the hidden activations, the logits.

    The root mean square is what an initialization tries to keep;
    :math:`\text{rms}^2 = \text{mean}^2 + \text{std}^2`.

    Args:
        logits_cache: the cache of :func:`mlpkit.mlp.forward`, with lists ``H`` and ``Z``.

    Returns:
        Three tensors with an entry per layer, so ``rms[1:] / rms[:-1]`` is each layer's factor.

    Examples:
        >>> from mlpkit.mlp import Cache
        >>> X, logits = torch.ones(2, 3), torch.tensor([[3.0, -3.0], [3.0, -3.0]])
        >>> layer_statistics(Cache(Z=[logits], H=[X])).rms.tolist()
        [1.0, 3.0]
    """
    # float64, for the squares of what explodes
    layers = [layer.detach().double() for layer in (*logits_cache.H, logits_cache.Z[-1])]
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


# the slope at an output, as a share of the steepest slope of that activation
_RELATIVE_SLOPES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": lambda H: (H > 0).to(H.dtype),
    "sigmoid": lambda H: 4 * H * (1 - H),
    "tanh": lambda H: 1 - H.square(),
}


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
    if activation not in _RELATIVE_SLOPES:
        known = ", ".join(_RELATIVE_SLOPES)
        raise ValueError(f"activation must be one of {known}, got {activation!r}")
    slope = _RELATIVE_SLOPES[activation](H.detach())
    return (slope < SATURATED_BELOW).double().mean().item()


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
        >>> found = examine(model, torch.ones(7, 5), torch.zeros(7).long(), "tanh", lr=0.1)
        >>> found.rms.shape, found.flat.shape
        (torch.Size([3]), torch.Size([1]))
    """
    weights, H = [], []

    def keep(linear: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        weights.append(linear.weight)
        H.append(inputs[0])

    linears = [part for part in model.modules() if isinstance(part, nn.Linear)]
    handles = [linear.register_forward_pre_hook(keep) for linear in linears]
    try:
        logits = model(X)
    finally:
        for handle in handles:
            handle.remove()
    # autograd.grad, unlike backward(), adds nothing to the grad of the parameters
    dweights = torch.autograd.grad(nn.functional.cross_entropy(logits, y), weights)
    rms = torch.stack([h.detach().double().square().mean().sqrt() for h in (*H, logits)])
    flat = [saturated_fraction(h, activation) for h in H[1:]]
    slopes = [_RELATIVE_SLOPES[activation](h.detach()) for h in H[1:]]
    dead = [(slope < SATURATED_BELOW).all(dim=0).double().mean() for slope in slopes]
    updates = update_ratios(weights, dweights, lr)
    flat, dead = (torch.tensor(shares, dtype=torch.float64) for shares in (flat, dead))
    return Health(rms, gradient_norms(dweights), flat, dead, updates)


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
    kept = {}

    def keep(tensor: Tensor) -> Tensor:
        # held until the end, so that no address is given out twice
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = function()
    del result
    ignored = {tensor.untyped_storage().data_ptr() for tensor in exclude}
    return sum(storage.nbytes() for pointer, storage in kept.items() if pointer not in ignored)


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
    bends = w != 0
    w, b, v = (values.detach().double()[bends] for values in (w, b, v))
    knots, order = (-b / w).sort()
    changes = (v * w.abs())[order]
    apart = knots.diff() > 1e-9 * knots[1:].abs().clamp(min=1)
    group = torch.nn.functional.pad(apart.cumsum(0), (1, 0))[: len(knots)]
    total = torch.zeros_like(knots).index_add(0, group, changes)
    size = torch.zeros_like(knots).index_add(0, group, changes.abs())
    return 1 + int((total.abs() > 1e-9 * size).sum())
