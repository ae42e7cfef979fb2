"""What all tests share: random numbers, figures, who runs what, what is said at the end."""

from collections.abc import Iterator

import matplotlib
import pytest
import torch
from hypothesis import settings
from matplotlib import pyplot
from xdist.remote import Producer

from tests.support.programs import hint
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the slow tests: what comes last should not keep one worker alone at work."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the test cells of the exercises tell apart, and what was not tested."""
    write_table(terminalreporter, "kill table", "each test cell, and the wrong solutions it fails")
    write_table(terminalreporter, "kinds of mistakes", "what failures of visible tests name")
    reports = terminalreporter.stats.get("skipped", [])
    line = hint([str(report.longrepr) for report in reports])
    if line:
        terminalreporter.section("not tested")
        terminalreporter.write_line(line)


def write_table(terminalreporter: pytest.TerminalReporter, title: str, about: str) -> None:
    """Print a table that tests of the exercises sent, row by row, with their reports."""
    passed = terminalreporter.stats.get("passed", [])
    properties = [pair for report in passed for pair in getattr(report, "user_properties", [])]
    # the reports of set-up and call both have it
    rows = {tuple(row) for name, row in properties if name == title}
    if rows:
        terminalreporter.section(f"{title}: {about}")
    for head, *entries in sorted(rows):
        terminalreporter.write_line(head, bold=True)
        for entry in entries:
            terminalreporter.write_line(f"    {entry}")
