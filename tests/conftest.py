"""What all tests share: reproducible random numbers."""

import pytest
import torch
from hypothesis import settings

# the same examples in every run, however busy the machine, and no folder left behind
settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")


@pytest.fixture
def generator() -> torch.Generator:
    """A generator of the test's own, so that no test depends on another's draws."""
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Compute as the grader does: on a busy machine, waiting threads would cost CPU time."""
    torch.set_num_threads(1)


def pytest_terminal_summary(terminalreporter) -> None:
    """Print what each test cell of the exercises tells apart; workers send it with reports."""
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
