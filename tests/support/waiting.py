"""Wait for something to happen, instead of for some time to pass."""

import time
from collections.abc import Callable

PATIENCE = 90.0  # far more than anything takes, also on a busy machine


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return as soon as a condition holds; fail if it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.02)
