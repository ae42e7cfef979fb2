"""Programs that some tests need: without them a test is skipped, but never in CI."""

import glob
import os
import re
import shutil
from collections import Counter

import pytest

MISSING = "which is not installed (Debian: "
PACKAGE = re.compile(re.escape(MISSING) + r"([\w-]+)\)")


def path_of(*names: str, package: str, places: str = "") -> str:
    """Return the path of the first of some programs that is installed.

    Args:
        names: of the programs.
        package: that has them.
        places: a pattern of folders that are searched, too.
    """
    folders = os.pathsep.join([os.environ["PATH"], *sorted(glob.glob(places), reverse=True)])
    for name in names:
        path = shutil.which(name, path=folders)
        if path:
            return path
    assert not os.environ.get("CI"), f"{names[0]} is missing; CI has to install it"
    pytest.skip(f"needs {names[0]}, {MISSING}{package})")


def hint(reasons: list[str]) -> str:
    """Say in one line how to run the tests that were skipped, empty if there are none.

    Args:
        reasons: what `path_of` said, once for each skipped test.
    """
    counts = Counter(package for reason in reasons for package in PACKAGE.findall(reason))
    if not counts:
        return ""
    what = ", ".join(f"{count} for want of {package}" for package, count in sorted(counts.items()))
    return f"Skipped: {what}. To run them: sudo apt-get install {' '.join(sorted(counts))}"
