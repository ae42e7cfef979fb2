"""What running a cell does, told from its text: what only defines, and what may do more."""

import pytest

from mlpgrader.assignment.effects import effects


@pytest.mark.parametrize(
    "source",
    [
        "import math\nfrom torch import nn",
        "def f(x: list[int] = (), *, y: float = -1.5) -> None:\n    print(x)\n    g(x)",
        "class A(nn.Module):\n    k = 1\n    def f(self): return self",
        "double = lambda x, y=2: x + y",
        "import torch.nn.functional as F",
        'class A:\n    """words"""\n# more of them\npass',
        "try:\n    from mlpkit import checks\nexcept ImportError:\n    raise ImportError('no')",
        "checks.register('one', hints={'f': ('a', 'b')}, points={'f-values': 0.5})",
        "# how far is it?\nchecks.progress()",
        "",
    ],
)
def test_what_only_defines(source):
    assert effects(source).defines_only


@pytest.mark.parametrize(
    "source",
    [
        "f(1)",
        "x",
        "'shown'",
        "x: int = 3",
        "x = f(1)",
        "x = y[0]",
        "x = y + z",
        "x = a.b = 1",
        "x = (a, b) = 1, 2",
        "class A(B): pass",
        "from xml.dom import pulldom",
        "x = [y for y in z]",
        "x += 1",
        "a.b = 1",
        "a[0]: int = 1",
        "a, b = 1, 2",
        "from math import *",
        "from __future__ import annotations",
        "@f\ndef g(): pass",
        "def g(x=f()): pass",
        "double = lambda x=f(): x",
        "class A:\n    f(1)",
        "class A(f()): pass",
        "class A(metaclass=f()): pass",
        "if 1:\n    x = 2",
        "for x in y: pass",
        "with x: pass",
        "del x",
        "raise NotImplementedError",
        "try:\n    import math\nexcept ImportError:\n    x = 1",
        "try:\n    import xml\nexcept ImportError:\n    raise",
        "try:\n    import math\nexcept ImportError:\n    raise f()",
        "try:\n    import math\nexcept ImportError:\n    raise ImportError(f())",
        "try:\n    import math\n    f(1)\nexcept ImportError:\n    raise",
        "try:\n    import math\nfinally:\n    f(1)",
        "try:\n    f(1)\nexcept ImportError:\n    raise",
        "checks.register('one', hints=f(1))",
        "checks.check('relu')",
        "progress()",
        "%matplotlib inline",
        "def f(:",
        "x = 1\x00",
        "(" * 1000,
        "-" * 50_000 + "1",
        "x" + ".a" * 40_000,
        "x = " + "1 + " * 24_000 + "1",
        "x = " + "[" * 150 + "]" * 150 + "\n" + "y = 1\n" * 20_000,
    ],
    ids=lambda source: source[:20],
)
def test_what_may_do_more(source):
    assert not effects(source).defines_only


def test_an_import_that_is_tried_binds_its_name():
    tried = "try:\n    from mlpkit import checks\nexcept ImportError:\n    raise"
    assert effects(tried).binds == {"checks": "mlpkit checks"}
