"""The student's process: what a cell leaves behind, and how calls are answered."""

import builtins
import importlib
import platform
import re
import socket
import sys
import threading

import numpy as np
import pytest
import torch

from mlpgrader.inside import frame, wire
from mlpgrader.inside.messages import Call
from mlpgrader.inside.student import server, stand_ins
from mlpgrader.inside.student import shell as student


@pytest.fixture(scope="module")
def shell():
    found = student.make_shell()
    yield found
    student.Shell.clear_instance()


@pytest.fixture
def run(shell):
    kept = sys.stdout, sys.stderr
    yield lambda text: shell.run(text)
    sys.stdout, sys.stderr = kept


def test_the_shell_starts_no_thread_and_keeps_no_history(shell):
    assert threading.active_count() == 1 or not shell.history_manager.enabled
    assert not shell.history_manager.enabled


def test_outputs_come_in_order(run):
    text = "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')\ndisplay(1)\n2"
    outputs = run(text)
    assert [o.get("text") for o in outputs[:3]] == ["a\n", "b\n", "c\n"]
    assert [o["output_type"] for o in outputs[3:]] == ["display_data", "execute_result"]
    assert outputs[4]["data"] == {"text/plain": "2"}


def test_an_error_is_an_output(run):
    outputs = run("1 / 0")
    assert outputs[0]["ename"] == "ZeroDivisionError"
    assert "Cell In" in "".join(outputs[0]["traceback"])


def test_a_refused_system_call_is_named(run):
    [error] = run("def talk():\n    raise PermissionError(1, 'no')  # by the filter\ntalk()")
    assert error["traceback"][-1].endswith(
        "graded: raise PermissionError(1, 'no')  # by the filter."
    )
    [error] = run("open('/nothing/here')")
    assert "refused" not in str(error)


def test_magics_work(run):
    assert "Wall time" in run("%time 1")[0]["text"]


def test_outputs_are_bounded(run):
    outputs = run("for i in range(10**4): print('x' * 100)\nfor i in range(500): display(i)")
    assert len(outputs) <= student.MOST_OUTPUTS
    assert len(outputs[0]["text"]) <= student.MOST_TEXT


def test_many_large_images_are_cut_off_not_a_crash(run):
    text = "for i in range(9): display({'image/png': 'x' * 1_000_000}, raw=True)\nprint('end')"
    outputs = run(text)
    assert 2 <= len(outputs) <= 5 and outputs[-1]["text"] == "end\n"


def test_a_cell_that_only_defines_is_run_and_its_source_found(shell, run):
    assert shell.define("import math\ndef f(x):\n    return math.sqrt(x)") == []
    assert run("import inspect\nf(4.0), len(inspect.getsource(f))")[0]["data"] == {
        "text/plain": "(2.0, 34)"
    }


def test_a_definition_that_fails_is_shown_as_by_ipython(shell, run):
    assert shell.define("import nothing_of_the_kind")[0]["ename"] == "ModuleNotFoundError"


def answered(names, *calls, why=lambda name: ""):
    """What a serving child answers to calls."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for call in calls:
            frame.send(ours, wire.encode(call.plain()))
        ours.shutdown(socket.SHUT_WR)
        with pytest.raises(frame.ClosedError):
            server.serve_calls(names, theirs, why_missing=why)
        return [wire.decode(frame.receive(ours)) for _ in calls]


def test_calls_are_answered_or_their_errors_told():
    names = {"f": lambda x: x + 1, "g": lambda: 1 / 0, "h": object, "c": "b"}
    found = answered(
        names,
        Call("call", "f", (1,)),
        Call("call", "g"),
        Call("call", "h"),
        Call("call", "missing"),
        Call("get", "c"),
        Call("get", "f"),
        Call("call", "f", keywords={"x": 2}),
    )
    zero = wire.ERRORS.index(ZeroDivisionError)
    assert found[0] == ["value", 2] and found[1][:2] == ["raised", zero]
    assert found[2][1] == -1 and found[3][1] == wire.ERRORS.index(NameError)
    assert found[4:] == [["value", [False, "b"]], ["value", [True, None]], ["value", 3]]


class Config:
    k = 2


ASK = Call("unchanged")


@pytest.mark.parametrize(
    ("leaves", "more", "unchanged"),
    [
        (lambda: None, {}, True),
        (lambda: torch.rand(1), {"scale": 2.5}, True),
        (lambda: setattr(Config, "k", 3), {"Config": Config}, False),
        (lambda: np.seterr(all="raise"), {}, False),
        (lambda: setattr(torch, "where", None), {}, False),
        (lambda: setattr(torch.nn.functional, "relu", None), {}, False),
        (lambda: torch.set_default_dtype(torch.float64), {}, False),
        (lambda: names.update(f=3), {}, False),
        (lambda: names.update(new=3), {}, False),
        (lambda: None, {"cache": []}, False),  # what it holds cannot be told
    ],
)
def test_a_child_says_whether_a_call_left_something_behind(monkeypatch, leaves, more, unchanged):
    for place, name in ((torch, "where"), (torch.nn.functional, "relu")):
        monkeypatch.setattr(place, name, getattr(place, name))  # put back afterwards
    names.clear()
    names.update(leave=leaves, f=lambda x: x, **more)
    before = np.geterr()
    try:
        found = answered(names, ASK, Call("call", "leave"), ASK)
    finally:
        torch.set_default_dtype(torch.float32)
        np.seterr(**before)
    assert [found[0][1], found[2][1]] == ["cache" not in more, unchanged]


names: dict = {}  # of the test above


def test_the_grad_mode_is_the_checkers():
    names = {"f": torch.is_grad_enabled}
    found = answered(names, Call("call", "f", grad_mode=False), Call("call", "f"))
    assert found == [["value", False], ["value", True]]


def test_who_asks_autograd_fails_where_the_checker_is_in_inference_mode():
    def by_autograd(x):
        with torch.enable_grad():
            return torch.autograd.grad(x.detach().requires_grad_().square().sum(), x)

    def leaves_on_purpose(x):
        with torch.inference_mode(False):
            x = x.clone().requires_grad_()
            return torch.autograd.grad(x.square().sum(), x)[0]

    names = {"f": lambda x: 2 * x, "g": by_autograd, "h": leaves_on_purpose}
    x = torch.ones(2)
    inference = {"grad_mode": False, "inference_mode": True}
    found = answered(names, *(Call("call", name, (x,), **inference) for name in "fgh"))
    assert [kind for kind, *_ in found] == ["value", "raised", "value"]
    assert torch.equal(found[0][1], found[2][1])
    assert answered({"f": torch.is_grad_enabled}, Call("call", "f")) == [["value", True]]


def test_gradients_and_promises_come_from_where_the_function_is():
    names = {"f": lambda x: x * x, "g": lambda x: x.add_(1), "r": lambda: torch.rand(1)}
    names["s"] = lambda: torch.set_grad_enabled(False)
    x = torch.tensor([3.0])
    found = answered(
        names,
        Call("value_and_grad", "f", (x,), wrt=0),
        Call("changed_argument", "f", (x,)),
        Call("changed_argument", "g", (x,)),
        Call("keeps_generator", "r"),
        Call("keeps_grad_mode", "r"),
        Call("keeps_grad_mode", "s"),
    )
    assert found[0][1] == (torch.tensor([9.0]), torch.tensor([6.0]))
    assert found[1][1] == ""
    assert found[2][1] == "x\n  it was    [3]\n  it is now [4]"
    assert [answer for _, answer in found[3:]] == [False, True, False]


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_nothing_a_function_raises_ends_the_service(error):
    def raises():
        raise error

    found = answered({"f": raises, "g": lambda: 1}, Call("call", "f"), Call("call", "g"))
    assert found[0][:2] == ["raised", -1] and found[1] == ["value", 1]


# --- what a kernel has, and a sandbox has not


@pytest.fixture
def defines(shell, run):
    """Runs a cell that ends in a definition, and says whether that came to be."""

    def defined(text):
        shell.user_ns.pop("answer", None)
        outputs = run(f"{text}\ndef answer(): return 42")
        return "answer" in shell.user_ns, outputs

    return defined


@pytest.mark.parametrize(
    "line",
    [
        *("%matplotlib", "%matplotlib inline", "%matplotlib widget", "%matplotlib notebook"),
        *("%matplotlib qt", "%matplotlib no_such", "%pylab inline", "%gui", "%gui qt"),
        *("%load_ext autoreload\n%autoreload 2", "%load_ext no_such", "%tensorboard --logdir x"),
        *("%config InlineBackend.figure_format = 'retina'", "%config Nobody.x = 1", "%cd /nowhere"),
        *("%history", "%env A=1", "%conda install x", "%store -r x", "exit()", "quit()", "exit"),
        *("!false", "!no-such-program", "x = !ls", "!!ls", "!ls &", "%pip --version", "?print"),
        *("get_ipython().run_line_magic('matplotlib', 'widget')", "get_ipython().system('ls')"),
    ],
)
def test_a_line_of_ipythons_does_not_take_its_cell_along(defines, line):
    assert defines(line)[0]


@pytest.mark.parametrize("line", ["1 / 0", "%run no_such.py", "%timeit -n1 -r1 1 / 0"])
def test_a_line_of_the_students_own_that_fails_ends_it_as_in_a_kernel(defines, line):
    assert not defines(line)[0]


def test_a_magic_sees_the_names_of_its_cell(run):
    assert "3" in run("x = 3\n%time print({x})\n!echo {x}")[0]["text"]
    assert run("def f(y):\n    get_ipython().system('echo {y}')\nf('word')")[0]["text"] == "word\n"


def test_what_a_command_says_is_shown_and_a_failure_told(shell, run):
    out, err = run("!echo a; echo b >&2; exit 3")
    assert out["text"] == "a\nb\n"
    assert "exit code 3" in err["text"] and "no network" in err["text"]
    assert shell.user_ns["_exit_code"] == 3


def test_a_command_that_does_not_end_is_ended(monkeypatch, defines):
    monkeypatch.setattr(student, "COMMAND_SECONDS", 0.1)
    monkeypatch.setattr(student, "MOST_COMMAND", 1000)
    found, outputs = defines("!sleep 1000 & yes")
    assert found and len(outputs[0]["text"]) == 1000 and "exit code -9" in outputs[1]["text"]


def test_figures_are_shown_whatever_the_magic(run):
    outputs = run("%matplotlib qt\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])")
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_from_future_holds_for_the_cells_after_it(shell, run):
    assert shell.define("def f(x: NoSuch): pass")[0]["ename"] == "NameError"
    try:
        run("from __future__ import annotations")
        assert shell.define("def f(x: NoSuch) -> Thing: pass") == []
    finally:
        shell.compile.reset_compiler_flags()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such\ndef lost(): pass", "ModuleNotFoundError: No module named 'no_such'"),
        ("x = 1\ndef lost(: pass", r"SyntaxError: .* \(line 2, read by Python 3\.\d+\.\d+\)"),
        ("%%no_such\nimport no_such\ndef lost(): pass", "ModuleNotFoundError: No module"),
    ],
)
def test_why_a_name_is_missing_is_said(shell, run, text, said):
    run("1 / 0 # lost_too")
    run(text)
    assert re.search(f"stopped with {said}", shell.why_missing("lost"))
    assert shell.why_missing("another") == ""
    index, message, _ = answered({}, Call("call", "lost"), why=shell.why_missing)[0][1:]
    assert wire.ERRORS[index] is NameError
    assert message.startswith("name 'lost' is not defined: its cell stopped with")
    del shell.stopped[:]


def test_so_it_is_where_a_definition_fails(shell, run):
    shell.define("from no_such import lost")
    assert "No module named 'no_such'" in shell.why_missing("lost")
    del shell.stopped[:]


def test_a_syntax_error_names_the_python_that_ran_it(run):
    trace = run("def f(:")[0]["traceback"]
    assert trace[-1] == f"It was run with Python {platform.python_version()}."


@pytest.fixture
def standing_in(monkeypatch):
    """The stand-ins, until the test's end."""
    for place, name in ((builtins, "input"), (torch, "compile"), (torch.nn.Module, "compile")):
        monkeypatch.setattr(place, name, getattr(place, name))  # put back afterwards
    monkeypatch.setattr(sys, "path", [*sys.path])
    stand_ins.stand_in()


def test_input_answers_as_who_presses_enter_and_ends(standing_in, capsys):
    assert input("name? ") == ""
    out, err = capsys.readouterr()
    assert out == "name? \n" and "nobody is there" in err
    with pytest.raises(EOFError, match="nobody is there"):
        while not input():
            pass


def test_compile_gives_what_computes_the_same(standing_in):
    x = torch.arange(3.0, requires_grad=True)

    @torch.compile
    def f(x):
        return 2 * x

    @torch.compile(fullgraph=True, mode="max-autotune")
    def g(x):
        return 3 * x

    model = torch.compile(torch.nn.Linear(3, 1))
    model.compile()
    (f(x) + g(x)).sum().backward()
    assert torch.equal(x.grad, torch.full((3,), 5.0)) and model(x).shape == (1,)


def test_modules_of_the_current_folder_are_found(standing_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "module_of_a_cell.py").write_text("x = 3")
    assert importlib.import_module("module_of_a_cell").x == 3
    del sys.modules["module_of_a_cell"]
