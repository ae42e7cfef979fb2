"""The student's process: what a cell leaves behind, and how calls are answered."""

import socket
import sys
import threading

import numpy as np
import pytest
import torch

from mlpgrader.inside import frame, wire
from mlpgrader.inside.messages import Call
from mlpgrader.inside.student import server
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


def answered(names, *calls):
    """What a serving child answers to calls."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for call in calls:
            frame.send(ours, wire.encode(call.plain()))
        ours.shutdown(socket.SHUT_WR)
        with pytest.raises(frame.ClosedError):
            server.serve_calls(names, theirs)
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
