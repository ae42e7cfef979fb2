"""The student's process as the checker sees it: whose children serve, and what is believed."""

import socket

import pytest

from mlpgrader.inside.checker import student_process
from mlpgrader.inside.checker.student_process import ForkPool, StudentProcess, read_answer
from mlpgrader.inside.checker.watch import CallFailedError
from mlpgrader.inside.frame import WireError
from mlpgrader.inside.messages import Limits, Step


@pytest.fixture
def pool():
    sockets = [socket.socket() for _ in range(4)]
    yield ForkPool(sockets[:2], sockets[2:])
    for sock in sockets:
        sock.close()


def test_a_pool_knows_who_was_asked_for_what(pool):
    pool.channel(0, "a")
    assert not pool.has_served_others(0, "a") and not pool.any_served_others("a")
    pool.channel(1, "b")
    assert not pool.has_served_others(1, "b") and pool.any_served_others("b")
    pool.channel(0, "b")
    assert pool.has_served_others(0, "a") and pool.has_served_others(0, "b")


def test_only_the_last_fork_can_be_replaced_and_only_by_a_spare(pool):
    assert [pool.can_replace(fork) for fork in (0, 1)] == [False, True]
    for _ in range(2):
        old, spare = pool.channels[1], pool.spares[0]
        pool.replace(1)
        assert pool.channels[1] is spare and old.fileno() == -1
    assert not pool.can_replace(1)


def test_a_closed_pool_has_no_channels(pool):
    sockets = [*pool.channels.values(), *pool.spares]
    pool.close()
    assert not pool.channels and not pool.spares
    assert [sock.fileno() for sock in sockets] == [-1] * 4


class Zygote:
    """A zygote that notes what it is sent."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)

    def recv(self, size):
        return b"0"


def test_no_cell_is_blamed_where_a_sealed_submission_cannot_be_kept_to_its_parked_processes(
    monkeypatch,
):
    cell = Step("cell", "half", "1 / 2")
    student = StudentProcess([cell], Limits(1.0, 3.0, 100, 60.0), Zygote())
    monkeypatch.setattr(student, "_spawn", lambda: None)
    monkeypatch.setattr(student, "_run_step", lambda *_: None)
    student.seal()
    with pytest.raises(CallFailedError, match="faster than they could be ended"):
        student.start()
    assert student.outputs == {}


def test_outputs_are_taken_as_json_and_as_far_as_there_is_room(monkeypatch):
    monkeypatch.setattr(student_process, "MOST_OUTPUTS", 50 + 4 * student_process.PART)
    student = StudentProcess([], Limits(1.0, 3.0, 100, 60.0), Zygote())
    outputs = [{"output_type": "stream", "text": "x"}]
    assert student._bounded([{1: "no string"}]) == student._bounded("text") == []
    assert student._bounded(outputs) == outputs
    assert student._bounded(outputs) == []


def test_outputs_of_many_parts_take_more_room_than_they_are_long():
    student = StudentProcess([], Limits(1.0, 3.0, 100, 60.0), Zygote())
    assert student._bounded([{"data": {}}] * 1000) == [{"data": {}}] * 1000
    assert student._bounded([[[]] * 50_000] * 3) == []


def test_a_process_that_is_not_there_is_not_asked_whether_it_changed():
    student = StudentProcess([], Limits(1.0, 3.0, 100, 60.0), zygote := Zygote())
    student._forks.functions_asked = {0: {"a", "b"}}
    assert student.may_blame_others(0, "a", "failed")
    assert not student.may_blame_others(1, "a", "failed")
    assert student.may_blame_others(1, "a", "crashed")
    student.renew()
    assert zygote.sent == [student_process.STOP_STUDENT]
    assert not student.may_blame_others(1, "a", "crashed")


@pytest.mark.parametrize("answer", [None, [], ["value"], ["raised", 0, "x"], [1, 2], "value"])
def test_what_has_no_known_form_is_no_answer(answer):
    with pytest.raises(WireError, match="wrong form"):
        read_answer(answer)
