"""What is measured is what it is called."""

import json
import math
import re
import sys

import torch

from benchmarks import page, training
from benchmarks.cost import Cost


def test_the_hand_fused_loop_trains_what_the_bare_loop_trains():
    generator = torch.Generator().manual_seed(3)
    X = torch.rand(600, 784, generator=generator)  # the last batch is a smaller one
    y = torch.randint(10, (600,), generator=generator)
    theirs = training.bare_loop(X, y, 33)
    for mine, their in zip(training.hand_fused_loop(X, y, 33), theirs, strict=True):
        torch.testing.assert_close(mine, their, rtol=1e-4, atol=1e-6)
    start = training.network(33)[0].weight
    assert not torch.allclose(start, theirs[0], atol=1e-4)


def test_the_page_of_the_book_is_made_from_the_results():
    results = json.loads(page.RESULTS.read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.text(results)


def test_a_page_without_cpu_time_shows_no_nan():
    results = json.loads(page.RESULTS.read_text(encoding="utf-8"))
    assert "CPU time is not known" not in page.text(results)
    for one in (*results["grading"]["rounds"], *results["grading"]["growth"]):
        for cost in (part for part in one.values() if isinstance(part, dict)):
            cost["cpu"] = math.nan
    text = page.text(results)
    assert "CPU time is not known" in text and not re.search(r"\bnan\b", text)


def test_a_cost_is_that_of_all_processes():
    code = "import os, time\nif not os.fork(): os.setsid()\nend = time.process_time() + 0.2\n"
    code += "while time.process_time() < end: pass\n"
    cost = Cost()
    cost.run([sys.executable, "-S", "-c", code], check=True)
    assert cost.seconds > 0.2
    assert math.isnan(cost.cpu) or cost.cpu > 0.3
