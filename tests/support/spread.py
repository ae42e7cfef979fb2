"""Which tests stay together on a worker, and which go to whoever is free.

A fixture of a module is made once on each worker that runs a test of it, and some are dear: a class
that is graded, a browser. So the tests of a file with such a fixture stay together. Where it has
parameters, the tests of each parameter do, such as those of one page of the book. All others are
spread one by one, so that no long file keeps one worker busy while another waits.

pytest-xdist has a marker for that, which has no effect with pytest 9.2.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[2]
SHARED = re.compile(r'@pytest\.fixture\(scope="(?:module|class)"')
WITH_PARAMETERS = re.compile(SHARED.pattern + r", params=")


class Spread(LoadScopeScheduling):
    """Sends the tests of one scope to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(nodeid: str) -> str:
    """Name what a test stays together with: itself, its file, or a parameter in its file."""
    file = nodeid.partition("::")[0]
    text = source(file)
    if WITH_PARAMETERS.search(text):
        parameter = nodeid.partition("[")[2]
        return f"{file}[{parameter}" if parameter else nodeid
    return file if SHARED.search(text) else nodeid


@cache
def source(file: str) -> str:
    """Read a file of tests."""
    return (ROOT / file).read_text(encoding="utf-8")
