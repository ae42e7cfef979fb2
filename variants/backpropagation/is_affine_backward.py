"""Right and wrong answers to `is_affine_backward`."""

import torch

from mlpgrader.variants import Slips, equivalent, right, wrong

RIGHT = "is-affine-backward-right"
WRONG = "is-affine-backward-wrong"
SIZES = "is-affine-backward-sizes"
BROKEN = "is-affine-backward-broken"
ARGUMENTS = "is-affine-backward-arguments"

JUDGE = """
def is_affine_backward(f):
    draws = torch.Generator().manual_seed(1)

    def random(*shape):
        return torch.randn(*shape, generator=draws, dtype=torch.float64)

    sizes = [(3, 4, 2), (1, 3, 5), (5, 1, 3), (3, 3, 3), (4, 4, 2), (4, 3, 4), (5, 2, 2), (1, 1, 1)]
    for N, i, o in sizes:
        dY, X, W = random(N, o), random(N, i), random(i, o)
        expected = dY @ W.T, X.T @ dY, dY.sum(0)
        copies = dY.clone(), X.clone(), W.clone()
        try:
            results = f(*copies)
            if len(results) != 3:
                return False
            for result, right in zip(results, expected):
                if not isinstance(result, torch.Tensor) or result.shape != right.shape:
                    return False
                if (result - right).abs().max() > 1e-6 * right.abs().max():
                    return False
        except Exception:
            return False
        for copy, given in zip(copies, (dY, X, W)):
            if not torch.equal(copy, given):
                return False
    return True
"""
right("compared with the products, size by size")(JUDGE)

right("compared with autograd")("""
import itertools


def is_affine_backward(f):
    torch.manual_seed(3)
    for N, i, o in itertools.product([1, 2, 5], repeat=3):
        X = torch.randn(N, i, dtype=torch.float64, requires_grad=True)
        W = torch.randn(i, o, dtype=torch.float64, requires_grad=True)
        b = torch.zeros(o, dtype=torch.float64, requires_grad=True)
        dY = torch.randn(N, o, dtype=torch.float64)
        wanted = torch.autograd.grad(X @ W + b, [X, W, b], dY)
        arguments = [dY.clone(), X.detach().clone(), W.detach().clone()]
        try:
            dX, dW, db = f(*arguments)
            torch.testing.assert_close([dX, dW, db], list(wanted), rtol=1e-8, atol=1e-8)
            torch.testing.assert_close(arguments, [dY, X.detach(), W.detach()], rtol=0, atol=0)
        except Exception:
            return False
    return True
""")


@right("with the function of exercise 1, and a tensor for an answer")
def is_affine_backward(f):
    agrees = torch.tensor(True)
    for k in range(1, 65):
        N, i, o = 1 + k % 4, 1 + k // 4 % 4, 1 + k // 16 % 4
        dY, X, W = (torch.randn(*s).double() for s in [(N, o), (N, i), (i, o)])
        before = [dY.clone(), X.clone(), W.clone()]
        expected = affine_backward(dY, X, W)  # noqa: F821
        try:
            got = f(dY, X, W)
        except Exception:
            return False
        if not isinstance(got, tuple | list) or len(got) != 3:
            return False
        for a, b in zip([*got, dY, X, W], [*expected, *before], strict=True):
            if not torch.is_tensor(a) or a.shape != b.shape:
                return False
            agrees &= (a - b).norm() <= 1e-6 * b.norm()
    return agrees


slip = Slips(JUDGE, "is-affine-backward")
TRIED = "[(3, 4, 2), (1, 3, 5), (5, 1, 3), (3, 3, 3), (4, 4, 2), (4, 3, 4), (5, 2, 2), (1, 1, 1)]"
slip(
    "says True to everything",
    "wrong sizes broken arguments right",
    ("return False", "return True"),
    kind="opposite",
)
slip(
    "says False to everything",
    "right wrong sizes broken arguments",
    ("    return True", "    return False"),
    kind="opposite",
)
slip(
    "unequal sizes alone",
    "wrong",
    (TRIED, "[(3, 4, 2), (2, 5, 3), (5, 2, 4), (1, 3, 2)]"),
    is_slip=True,
    kind="opposite",
)
slip(
    "one example alone",
    "wrong sizes arguments",
    (TRIED, "[(1, 3, 2), (1, 2, 2), (1, 1, 1), (1, 4, 3)]"),
    kind="opposite",
)
slip(
    "a square W alone",
    "sizes",
    (TRIED, "[(3, 4, 4), (1, 2, 2), (3, 3, 3), (2, 5, 5)]"),
    kind="opposite",
)
slip(
    "all sizes equal",
    "sizes",
    (TRIED, "[(3, 3, 3), (1, 1, 1), (4, 4, 4)]"),
    is_slip=True,
    kind="opposite",
)
slip(
    "ones for numbers",
    "wrong",
    (
        "torch.randn(*shape, generator=draws, dtype=torch.float64)",
        "torch.ones(*shape, dtype=torch.float64)",
    ),
    kind="opposite",
)
slip(
    "f gets float32",
    "right",
    ("dtype=torch.float64", "dtype=torch.float32"),
    ("1e-6 *", "1e-4 *"),
    is_slip=True,
    kind="opposite",
)
slip(
    "to the last bit",
    "right",
    ("> 1e-6 * right.abs().max()", "> 0"),
    is_slip=True,
    unseen="only another spelling rounds otherwise, and to show one would give an answer away",
)
slip(
    "does not look at shapes",
    "wrong",
    (" or result.shape != right.shape", ""),
    kind="opposite",
)
slip(
    "does not look at db",
    "wrong sizes broken",
    ("zip(results, expected)", "zip(results[:2], expected[:2])"),
    kind="opposite",
)
slip(
    "does not look at dX",
    "wrong sizes",
    ("zip(results, expected)", "zip(results[1:], expected[1:])"),
    kind="opposite",
)
slip(
    "does not look at dW",
    "wrong sizes",
    ("zip(results, expected)", "zip(results[::2], expected[::2])"),
    kind="opposite",
)
slip(
    "signs do not count",
    "wrong",
    ("(result - right)", "(result.abs() - right.abs())"),
    is_slip=True,
    kind="opposite",
)
slip(
    "changed arguments pass",
    "arguments",
    ("if not torch.equal(copy, given)", "if False"),
    is_slip=True,
    kind="opposite",
)
slip(
    "looks at a changed dY alone",
    "arguments",
    ("zip(copies, (dY, X, W))", "zip(copies[:1], (dY,))"),
    is_slip=True,
    kind="opposite",
)
slip(
    "hands over its own tensors",
    "arguments",
    ("copies = dY.clone(), X.clone(), W.clone()", "copies = dY, X, W"),
    is_slip=True,
    kind="opposite",
)
slip(
    "an error goes through",
    "wrong broken",
    ("except Exception", "except ZeroDivisionError"),
    is_slip=True,
    kind="raised",
)
slip(
    "counts an error as right",
    "broken",
    (
        "        except Exception:\n            return False",
        "        except Exception:\n            continue",
    ),
    is_slip=True,
    kind="opposite",
)
slip(
    "does not ask for three",
    "broken",
    (
        "                return False\n            for result",
        "                pass\n            for result",
    ),
    is_slip=True,
    kind="opposite",
)
slip(
    "prints the verdict",
    "right wrong sizes broken arguments",
    ("    return True", "    print(True)"),
    kind="printed",
)
slip(
    "calls f a thousand times",
    "right",
    (
        "    return True",
        "    for _ in range(999):\n"
        "        f(random(2, 2), random(2, 2), random(2, 2))\n"
        "    return True",
    ),
    is_slip=True,
    unseen="an example is called as often as one likes",
)
slip(
    "the sum of all differences",
    "wrong",
    ("(result - right).abs().max()", "(result - right).sum().abs()"),
    unseen="the errors of the examples do not cancel",
)
slip(
    "says yes or no",
    "right wrong sizes broken arguments",
    ("return True", 'return "yes"'),
    ("return False", 'return "no"'),
    kind="wrong-type",
)


@wrong(
    "tries the function of exercise 1, not f",
    fails=[RIGHT, WRONG, SIZES, BROKEN, ARGUMENTS],
    kind="opposite",
)
def is_affine_backward(f):
    dY, X, W = torch.randn(3, 3).double(), torch.randn(3, 4).double(), torch.randn(4, 3).double()
    dX, dW, _ = affine_backward(dY, X, W)  # noqa: F821
    return torch.allclose(dX, dY @ W.T) and torch.allclose(dW, X.T @ dY)


@wrong(
    "one size, by allclose",
    fails=[WRONG, BROKEN],
    kind="opposite",
)
def is_affine_backward(f):
    dY, X, W = torch.randn(2, 3).double(), torch.randn(2, 4).double(), torch.randn(4, 3).double()
    dX, dW, db = f(dY, X, W)
    return (
        torch.allclose(dX, dY @ W.T)
        and torch.allclose(dW, X.T @ dY)
        and torch.allclose(db, dY.sum(0))
    )


@wrong(
    "gives None where it should say False",
    fails=[RIGHT, WRONG, SIZES, BROKEN, ARGUMENTS],
    kind="none-returned",
)
def is_affine_backward(f):
    for N, i, o in [(3, 4, 2), (1, 3, 5), (3, 3, 3), (4, 4, 2), (4, 3, 4), (5, 2, 2)]:
        dY, X, W = (torch.randn(*s).double() for s in [(N, o), (N, i), (i, o)])
        arguments = [dY.clone(), X.clone(), W.clone()]
        try:
            results = f(*arguments)
            shapes = [r.shape for r in results]
            same = [
                torch.allclose(r, e)
                for r, e in zip(results, (dY @ W.T, X.T @ dY, dY.sum(0)), strict=True)
            ]
        except Exception:
            return None
        if (
            not all(same)
            or shapes != [X.shape, W.shape, W[0].shape]
            or not torch.equal(X, arguments[1])
        ):
            return None
        if not torch.equal(dY, arguments[0]) or not torch.equal(W, arguments[2]):
            return None
    return True


equivalent(
    "any random numbers do", "draws = torch.Generator().manual_seed(0)", "draws = torch.Generator()"
)
equivalent(
    "any random numbers do",
    "draws = torch.Generator().manual_seed(0)",
    "draws = torch.Generator().manual_seed(1)",
)
equivalent(
    "any random numbers do",
    "draws = torch.Generator().manual_seed(0)",
    "draws = torch.Generator().manual_seed(-1)",
)
equivalent(
    "any random numbers do",
    "dY, X, W = (torch.randn(s, generator=draws, dtype=torch.float64) for s in shapes)",
    "dY, X, W = (torch.randn(s, dtype=torch.float64) for s in shapes)",
)
equivalent(
    "any random numbers do",
    "dY, X, W = (torch.randn(s, generator=draws, dtype=torch.float64) for s in shapes)",
    "dY, X, W = (torch.rand(s, generator=draws, dtype=torch.float64) for s in shapes)",
)
equivalent(
    "what is expected is computed after the call, so a changed argument is seen there",
    "given = [dY.clone(), X.clone(), W.clone()]",
    "given = [dY, X.clone(), W.clone()]",
)
equivalent(
    "what is expected is computed after the call, so a changed argument is seen there",
    "given = [dY.clone(), X.clone(), W.clone()]",
    "given = [dY.clone(), X, W.clone()]",
)
equivalent(
    "what is expected is computed after the call, so a changed argument is seen there",
    "given = [dY.clone(), X.clone(), W.clone()]",
    "given = [dY.clone(), X.clone(), W]",
)
equivalent(
    "agreement is the same in either order",
    "values = zip(results, expected, strict=True)",
    "values = zip(expected, results, strict=True)",
)
equivalent(
    "agreement is the same in either order",
    "return all((agree(*pair) for pair in [*values, *zip(given, [dY, X, W], strict=True)]))",
    "return all((agree(*pair) for pair in [*zip(given, [dY, X, W], strict=True), *values]))",
)
equivalent(
    "agreement is the same in either order",
    "return all((agree(*pair) for pair in [*values, *zip(given, [dY, X, W], strict=True)]))",
    "return all((agree(*pair) for pair in [*values, *zip([dY, X, W], given, strict=True)]))",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() < 1e-06 * expected.abs().max()",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (expected - value).abs().max() <= 1e-06 * expected.abs().max()",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() <= 1e-06 / expected.abs().max()",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() <= 1e-06",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() <= 0.0001 * expected.abs().max()",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() <= 1e-08 * expected.abs().max()",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().min()",
)
equivalent(
    "every mistake is far larger than rounding",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * expected.abs().max()",
    "return same_shape and (value - expected).abs().max() <= 1e-06 * value.abs().max()",
)
equivalent(
    "a single example alone is never the only wrong case, and three sizes or two are enough",
    "return all((is_right(*sizes) for sizes in itertools.product(range(1, 4), repeat=3)))",
    "return all((is_right(*sizes) for sizes in itertools.product(range(2, 4), repeat=3)))",
)
equivalent(
    "a single example alone is never the only wrong case, and three sizes or two are enough",
    "return all((is_right(*sizes) for sizes in itertools.product(range(1, 4), repeat=3)))",
    "return all((is_right(*sizes) for sizes in itertools.product(range(1, 5), repeat=3)))",
)
equivalent(
    "a single example alone is never the only wrong case, and three sizes or two are enough",
    "return all((is_right(*sizes) for sizes in itertools.product(range(1, 4), repeat=3)))",
    "return all((is_right(*sizes) for sizes in itertools.product(range(1, 3), repeat=3)))",
)
