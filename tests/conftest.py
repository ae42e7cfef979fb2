"""What all tests share: random numbers, figures, who runs what, what is said at the end."""

from collections.abc import Iterator

import matplotlib
import pytest
import torch
from hypothesis import settings
from matplotlib import pyplot
from xdist.remote import Producer

from tests.support.programs import MISSING, hint
from tests.support.spread import Spread

# the same examples in every run, however busy the machine, and no folder left behind
settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")

matplotlib.use("agg")  # no test needs a screen


@pytest.fixture
def generator() -> torch.Generator:
    """A generator of the test's own, so that no test depends on another's draws."""
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Compute as the grader does: on a busy machine, waiting threads would cost CPU time."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def no_figures_left() -> Iterator[None]:
    """Leave neither figures nor settings of matplotlib behind."""
    with matplotlib.rc_context():
        yield
    pyplot.close("all")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    """Say which worker runs what, with ``-n``."""
    return Spread(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the test cells of the exercises tell apart, and what was skipped for want of what.

    Workers send the kill table with their reports.
    """
    tables = [
        table
        for report in terminalreporter.stats.get("passed", [])
        for title, table in getattr(report, "user_properties", [])
        if title == "kill table" and report.when == "call"
    ]
    if tables:
        terminalreporter.section("kill table: each test cell, and the wrong solutions it fails")
    for cell, *kills in sorted(tables):
        terminalreporter.write_line(cell, bold=True)
        for how in kills:
            terminalreporter.write_line(f"    {how}")
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[-1]) for report in skipped]
    line = hint([reason for reason in reasons if MISSING in reason])
    if line:
        terminalreporter.section("not tested")
        terminalreporter.write_line(line)
