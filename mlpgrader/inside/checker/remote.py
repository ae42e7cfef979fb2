"""What a test cell sees of the student: names that are reached by message.

A name that the test cell uses and the checker lacks is the student's if a solution or given cell
of the plan defines it, and only after builtins. A function becomes a `RemoteFunction`, whose call
is a message; a value is fetched as plain data.
"""

import builtins
from typing import Any, Protocol

import torch

from mlpgrader.inside import wire
from mlpgrader.inside.messages import Operation


class Ask(Protocol):
    """Has the student's process do something with one of its names; gives what came of it."""

    def __call__(
        self, operation: Operation, name: str, arguments: tuple[Any, ...], **options: Any
    ) -> Any:
        """Ask, and wait for the answer."""


class RemoteFunction:
    """A function of the student's: a call is a message."""

    def __init__(self, name: str, ask: Ask):
        self.__name__ = name
        self._ask = ask

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function in the student's process, on copies."""
        return self._ask("call", self.__name__, arguments, keywords=keywords)

    def value_and_grad(self, *arguments: Any, wrt: int = 0) -> tuple[Any, Any]:
        """The value and the gradient of its sum, computed where the function is."""
        answer = self._ask("value_and_grad", self.__name__, arguments, wrt=wrt)
        if type(answer) is not tuple or len(answer) != 2 or not _is_gradient(answer[1]):
            raise TypeError(f"{self.__name__} gave no value with a gradient")
        return answer

    def changed_argument(self, *arguments: Any) -> str:
        """Which argument it changes, and how; nothing if none. The student's process's word."""
        answer = self._ask("changed_argument", self.__name__, arguments)
        return answer if type(answer) is str else "in some way"

    def keeps_generator(self, *arguments: Any) -> bool:
        """Whether it leaves torch's generator alone; the student's process's word."""
        return self._ask("keeps_generator", self.__name__, arguments) is True

    def keeps_grad_mode(self, *arguments: Any) -> bool:
        """Whether it leaves gradients on or off as they were; the student's process's word."""
        return self._ask("keeps_grad_mode", self.__name__, arguments) is True


def _is_gradient(value: Any) -> bool:
    tensors = value if type(value) is list else [value]
    return all(isinstance(tensor, torch.Tensor) for tensor in tensors)


class TestNamespace(dict[str, Any]):
    """The names of one test cell: its own, the setup's, builtins, then the student's.

    Args:
        setup_names: what the setup cells define.
        student_names: what the student's cells define: name to `function` or `value`.
        ask: reaches the student's process.
    """

    def __init__(self, setup_names: dict[str, Any], student_names: dict[str, str], ask: Ask):
        self._setup_names = setup_names
        self._student_names = student_names
        self._ask = ask
        self.reset()

    def reset(self) -> None:
        """Forget what the test cell has made."""
        self.clear()
        self.update(self._setup_names)
        self["__name__"] = "__main__"
        self["__builtins__"] = builtins

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        if name not in self._student_names:
            raise KeyError(name)
        if self._student_names[name] == "function":
            return RemoteFunction(name, self._ask)
        return self._fetch(name)

    def _fetch(self, name: str) -> Any:
        try:
            answer = self._ask("get", name, ())
        except KeyError as error:  # Python would take it for a name that nobody has
            raise wire.StudentError(f"KeyError: {error}") from None
        if type(answer) is not list or len(answer) != 2:
            raise TypeError(f"{name} is no plain data")
        is_callable, value = answer
        if is_callable is True:
            return RemoteFunction(name, self._ask)
        return value
