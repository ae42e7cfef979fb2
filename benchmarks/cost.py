"""What commands cost: seconds by the clock, and CPU seconds of all processes that they start.

The grader kills processes for which nobody waits, so what a parent learns of its children's CPU
time misses many of them. A control group of Linux counts all. Where this program may not make one
(it takes root), CPU seconds are unknown.
"""

import contextlib
import math
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HIERARCHIES = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))


@dataclass
class Cost:
    """What commands have cost together.

    Attributes:
        seconds: by the clock.
        cpu: of all their processes; not a number where that is unknown.
    """

    seconds: float = 0.0
    cpu: float = 0.0

    def run(self, command: list[Any], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as `subprocess.run` does, and add what it costs."""
        with _group() as group:
            if group:
                options["preexec_fn"] = lambda: (group / "cgroup.procs").write_text("0")
            start = time.perf_counter()
            done = subprocess.run(command, **options)
            self.seconds += time.perf_counter() - start
            self.cpu += _cpu_seconds(group) if group else math.nan
        return done


@contextlib.contextmanager
def _group() -> Iterator[Path | None]:
    """A control group of its own; None where it cannot be made."""
    group = next(
        (place / f"benchmark-{os.getpid()}" for place in HIERARCHIES if _is_one(place)), None
    )
    try:
        if group:
            group.mkdir()
    except OSError:
        group = None
    try:
        yield group
    finally:
        if group:
            _remove(group)


def _is_one(place: Path) -> bool:
    return (place / "cgroup.controllers").is_file()


def _cpu_seconds(group: Path) -> float:
    words = (group / "cpu.stat").read_text().split()
    return int(words[words.index("usage_usec") + 1]) / 1e6


def _remove(group: Path) -> None:
    """Remove a group; processes that were killed may take a moment to leave it."""
    for _ in range(50):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.1)
