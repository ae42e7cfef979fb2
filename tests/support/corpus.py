"""Hostile, broken and honest submissions of the set `mini`, and what each may score.

A hostile solution cell answers `double` wrongly (its honest part is worth 3 of 6 points) and tries
to come by its points, by what is hidden, or out of its walls. It prints GAINED where a wall gave
way.
"""

import json

from tests.support import mini

WRONG = "def double(x):\n    return 3 * x\n"
HONEST = 3.0  # the rest of a submission whose `double` is wrong
FULL = 6.0


def tried(body: str) -> str:
    """An attack of which any exception is no success."""
    indented = body.strip().replace("\n", "\n    ")
    return f"{WRONG}\ntry:\n    {indented}\n    print('GAINED')\nexcept BaseException:\n    pass\n"


FORGERIES = {
    "patches-allclose": WRONG
    + "torch.allclose = torch.equal = torch.isclose = lambda *a, **k: torch.tensor(True)",
    "patches-tensor-eq": WRONG + "torch.Tensor.__eq__ = torch.Tensor.__ne__ = lambda a, b: True",
    "patches-checks": (
        "from mlpkit import checks as c\n"
        "for n in dir(c):\n"
        "    if callable(getattr(c, n)):\n"
        "        setattr(c, n, lambda *a, **k: True)\n" + WRONG
    ),
    "patches-wire": (
        "from mlpgrader.inside import wire\nwire.encode = lambda *a, **k: b'\\x92\\xc3\\xc3'\n"
        + WRONG
    ),
    "patches-builtins": WRONG + "import builtins\nbuiltins.isinstance = lambda *a: True\n"
    "builtins.abs = builtins.all = builtins.any = lambda *a: True",
    "equal-to-all": (
        "class Yes:\n    def __eq__(self, other): return True\n"
        "    def __getattr__(self, name): return self\n    def __call__(self, *a): return self\n"
        "    __bool__ = __eq__\n    def __float__(self): return 3.0\n"
        "def double(x): return Yes()"
    ),
    "float-subclass": (
        "class F(float):\n    def __eq__(self, o): return True\n"
        "    def __sub__(self, o): return 0.0\n    __rsub__ = __sub__\n"
        "def double(x): return F(99.0)"
    ),
    "torch-function": (
        "class T(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, *a, **k): return torch.tensor(True)\n"
        "def double(x): return torch.ones(()).as_subclass(T)"
    ),
    "pickle-bomb": (
        "class P:\n    def __reduce__(self): return (print, ('GAINED',))\ndef double(x): return P()"
    ),
    "raises-failed": "def double(x): raise SystemExit(0)",
    "raises-interrupt": "def double(x): raise KeyboardInterrupt",
    "own-error": "class E(AssertionError):\n    pass\ndef double(x): raise E('passed')",
    "answers-before": WRONG
    + "import os\nfor fd in range(3, 40):\n    try: os.write(fd, bytes(9) + b'T' * 50)\n"
    "    except OSError: pass",
    "answers-twice": (
        "import os\nfrom mlpgrader.inside import wire\n"
        "REPLY = wire.encode(['value', True])\nREPLY = len(REPLY).to_bytes(8, 'little') + REPLY\n"
        "def double(x):\n    for fd in range(3, 40):\n        try: os.write(fd, REPLY * 3)\n"
        "        except OSError: pass\n    return 3 * x"
    ),
    "walks-frames": (
        "import sys\ndef double(x):\n    frame = sys._getframe()\n    while frame:\n"
        "        for name, value in list(frame.f_locals.items()):\n"
        "            if 'reply' in name or 'answer' in name:\n"
        "                frame.f_locals[name] = ['value', 3.0]\n"
        "        frame = frame.f_back\n    return 3 * x"
    ),
    "ipython-hooks": WRONG
    + "ip = get_ipython()\nip.run_cell = lambda *a, **k: type('R', (), {'success': True})\n"
    "ip.ast_transformers.append(0)\nip.user_ns['choice'] = 'b'",
    "settrace": WRONG + "import sys\nsys.settrace(lambda *a: (_ for _ in ()).throw(SystemExit))",
    "lying-bool": (
        "def double(x):\n    import torch\n    t = torch.zeros(1, dtype=torch.uint8) + 7\n"
        "    return t.view(torch.bool)"
    ),
    "points-as-output": WRONG + "6.0",
}
ESCAPES = {
    "reads-solutions": tried("import glob\nassert glob.glob('/**/solutions/**', recursive=True)"),
    "reads-gradebook": tried("import glob\nassert glob.glob('/**/gradebook.db', recursive=True)"),
    "reads-hidden-memory": tried(
        "import gc\nwanted = '_'.join(['secret', 'input'])\n"
        "assert any(wanted in repr(o) for o in gc.get_objects()"
        " if type(o) in (dict, list, tuple) and len(o) < 200)"
    ),
    "reads-proc-mem": tried(
        "import glob\nfor m in glob.glob('/proc/[0-9]*/environ'):\n"
        "    assert 'PYTHONHASHSEED' in open(m).read()\n"
        "    open(m.replace('environ', 'mem'), 'rb')\n"
        "assert len(glob.glob('/proc/[0-9]*')) > 1"
    ),
    "reads-answers": tried("import mlpkit.activations"),
    "reads-answers-2": tried("import mlpkit.losses, mlpkit.mlp"),
    "writes-system": tried("import sys\nopen(sys.prefix + '/x', 'w')"),
    "writes-package": tried("from mlpkit import checks\nopen(checks.__file__, 'a')"),
    "reads-home": tried(
        "import os\nassert os.listdir('/root') != ['.pyenv'] or os.listdir('/home')"
    ),
    "network": tried("import socket\nsocket.create_connection(('127.0.0.1', 22), 1)"),
    "network-bind": tried("import socket\ns = socket.socket(socket.AF_VSOCK)"),
    "memfd": tried("import os\nos.memfd_create('x')"),
    "shmget": tried("import ctypes\nassert ctypes.CDLL(None).shmget(0, 4096, 0o1600) >= 0"),
    "ptrace": tried("import ctypes\nassert ctypes.CDLL(None).ptrace(0, 0, 0, 0) >= 0"),
    "new-namespace": tried("import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == 0"),
    "mounts": tried(
        "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'/student', b'tmpfs', 0, None) == 0"
    ),
    "host-name": tried("import socket\nsocket.sethostname('gained')"),
    "core-pattern": tried("open('/proc/sys/kernel/core_pattern', 'w').write('x')"),
    "fills-disk": tried("open('/student/x', 'wb').write(bytes(70_000_000))"),
    "forks-many": tried(
        "import os, time\npids = []\nfor _ in range(150):\n    p = os.fork()\n"
        "    if p == 0:\n        time.sleep(30)\n        os._exit(0)\n    pids.append(p)"
    ),
    "takes-memory": tried("x = bytearray(3 << 30)"),
    "environment": tried("import os\nassert set(os.environ) & {'USER', 'SSH_AUTH_SOCK', 'PWD'}"),
    "descriptors": tried("import os\nassert len(os.listdir('/proc/self/fd')) > 12"),
}
BREAKERS = {
    "exit-in-cell": "import os\nos._exit(0)",
    "exit-in-call": "def double(x):\n    import os\n    os._exit(0)",
    "sys-exit": "import sys\nsys.exit(0)",
    "segfault": "def double(x):\n    import ctypes\n    ctypes.string_at(0)",
    "abort": "import os\nos.abort()",
    "kills-all": WRONG + "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "kills-itself": WRONG + "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos._exit(1)",
    "closes-descriptors": WRONG + "import os\nos.closerange(0, 1000)",
    "loops": "def double(x):\n    while True: pass",
    "loops-in-cell": "while True:\n    try:\n        while True: pass\n"
    "    except BaseException: pass",
    "sleeps": "import time\ntime.sleep(1e6)",
    "daemon": WRONG
    + "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    "        time.sleep(1e6)\n    os._exit(0)",
    "fork-bomb": "import os\ndef double(x):\n    while True:\n        try: os.fork()\n"
    "        except OSError: pass",
    "memory-bomb": "def double(x):\n    y = []\n    while True: y.append(bytearray(1 << 26))",
    "shared-memory-bomb": (
        "import mmap, os\ndef double(x):\n    for _ in range(8):\n        if os.fork() == 0:\n"
        "            m = mmap.mmap(-1, 1 << 30)\n            for i in range(0, 1 << 30, 4096):\n"
        "                m[i] = 1\n            while True: pass\n    while True: pass"
    ),
    "huge-answer": "def double(x): return torch.zeros(1 << 25)",
    "huge-claim": (
        "import os\nfrom mlpgrader.inside import wire\n"
        "def double(x):\n    for fd in range(3, 40):\n"
        "        try: os.write(fd, (1 << 60).to_bytes(8, 'little'))\n        except OSError: pass\n"
        "    return 1"
    ),
    "nested-answer": "def double(x):\n    y = []\n    for _ in range(10**5): y = [y]\n    return y",
    "cyclic-answer": "def double(x):\n    y = []\n    y.append(y)\n    return y",
    "stdout-flood": WRONG + "for _ in range(10**5): print('x' * 1000)",
    "stderr-flood": "import sys\ndef double(x):\n"
    "    sys.stderr.write('y' * 10**8)\n    return 3 * x",
    "tells-hidden-inputs": (
        "SEEN = []\ndef double(x):\n    SEEN.append(x)\n"
        "    if isinstance(x, torch.Tensor): raise ValueError(str(SEEN))\n"
        "    return 2 * x if x == 1.5 else 0"
    ),
    "leaves-hidden-inputs": (
        "import os\ndef double(x):\n    with open('seen', 'a+') as file:\n"
        "        print(x, file=file)\n        file.seek(0)\n        seen = file.read()\n"
        "    if isinstance(x, torch.Tensor): raise ValueError(seen)\n"
        "    return 2 * x if x == 1.5 else 0"
    ),
    "trickles": WRONG + "import os, time\nwhile True:\n    for fd in range(3, 40):\n"
    "        try: os.write(fd, b'x')\n        except OSError: pass\n    time.sleep(0.01)",
    "nameless": WRONG + "import ctypes\n"
    "ctypes.CDLL(None).prctl(15, b'\\xff\\xfe)', 0, 0, 0)\n"
    "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\nwhile True: pass",
    "at-exit": WRONG + "import atexit\natexit.register(lambda: (_ for _ in ()).throw(SystemExit))",
    "threads": WRONG + "import threading, time\nfor _ in range(5):\n"
    "    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()",
    "many-displays": WRONG + "for i in range(10**4): display({'text/html': '<script>'}, raw=True)",
    "stack-overflow": "def double(x): return double(x)",
    "bad-syntax": "def double(x:\n  return",
    "null-bytes": "def double(x):\n    return '\x00'",
    "surrogates": "def double(x):\n    return '\\ud800'",
}
HONESTS = {
    "honest": mini.submission(),
    "honest-prints": mini.submission(
        added="print('hello')\nimport sys\nprint('x', file=sys.stderr)"
    ),
    "honest-magic": mini.submission(added="%timeit -n1 -r1 1 + 1\n!echo hi"),
    "honest-warns": mini.submission(
        {"double": "import warnings\nwarnings.warn('w')\n" + mini.RIGHT["double"]}
    ),
    "honest-other-way": mini.submission({"double": "double = lambda x: x + x"}),
    "honest-leaves-a-mess": mini.submission(
        {"double": "def double(x):\n    torch.where = None\n    return 2 * x"}
    ),
    "honest-added-bomb": mini.submission(added="import os\nos._exit(3)", after="mini-choice"),
    "honest-escape-codes": mini.submission(
        added="print('\\x1b[31m' + '<script>alert(1)</script>')"
    ),
    "honest-draws": mini.submission(
        added="from IPython.display import HTML\nHTML('<script>alert(1)</script><b>b</b>')"
    ),
}


def moved() -> mini.Notebook:
    """A submission with cells duplicated, reordered, retagged and deleted, all answers right."""
    book = mini.submission()
    double, slope, choice = book["cells"][1:]
    wrong = json.loads(json.dumps(double)) | {"source": WRONG}
    forged = mini.cell("assert True", "double-values", grade=True, points=100, locked=False)
    slope["metadata"]["nbgrader"] |= {"points": 50, "grade": True, "locked": "yes"}
    return mini.notebook([choice, forged, wrong, slope, double])


BROKEN = {
    "not-json": "{",
    "not-a-notebook": '{"cells": 3}',
    "not-an-object": "[1, 2]",
    "deep-json": "[" * 10**5,
    "empty": "",
    "cells-of-numbers": '{"cells": [1, 2]}',
}


def submissions() -> dict[str, tuple[mini.Notebook | str, float]]:
    """Name, notebook and the points it may get."""
    corpus: dict[str, tuple[mini.Notebook | str, float]] = {"honest-moved": (moved(), FULL)}
    for name, book in HONESTS.items():
        corpus[name] = (book, FULL)
    for name, text in BROKEN.items():
        corpus[name] = (text, 0.0)
    for name, text in (FORGERIES | ESCAPES | BREAKERS).items():
        corpus[name] = (mini.submission({"double": text}), HONEST)
    return corpus
