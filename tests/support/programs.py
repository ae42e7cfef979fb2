"""Programs that some tests need: without them a test is skipped, but never in CI."""

import os
import shutil

import pytest


def path_of(*names: str, package: str) -> str:
    """Return the path of the first of some programs that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"needs {names[0]}, which is not installed (Debian: {package})")
    assert found is not None, f"{names[0]} is missing; CI has to install it"
    return found
