"""A Jupyter kernel of a test's own, and what its cells show."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.support.variants import ROOT

PATIENCE = 120  # seconds; torch is loaded on the way


@dataclass
class Shown:
    """What a cell shows.

    Attributes:
        stdout: what it printed.
        stderr: what it printed there.
        error: its error as the notebook shows it; nothing if it ended well.
        figures: how many pictures it drew.
    """

    stdout: str = ""
    stderr: str = ""
    error: str = ""
    figures: int = 0


@dataclass
class Kernel:
    """A kernel with nothing run in it yet.

    Attributes:
        client: what talks to it.
        person: whether somebody sits there who could be asked for input.
    """

    client: BlockingKernelClient
    person: bool = field(default=True)

    def run(self, source: str) -> Shown:
        """Run a cell, and give what it shows."""
        shown = Shown()

        def collect(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    setattr(
                        shown, content["name"], getattr(shown, content["name"]) + content["text"]
                    )
                case "error":
                    shown.error = "\n".join(content["traceback"])
                case "display_data":
                    shown.figures += 1

        self.client.execute_interactive(
            source, allow_stdin=self.person, output_hook=collect, timeout=PATIENCE
        )
        return shown


@contextmanager
def kernel(*, person: bool = True, **environment: str) -> Iterator[Kernel]:
    """A kernel that finds this source tree, with a person at it or none."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    manager, client = start_new_kernel(kernel_name="python3", env=env)
    try:
        yield Kernel(client, person)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
