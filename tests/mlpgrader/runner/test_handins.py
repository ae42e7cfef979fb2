"""What honest students hand in, from other editors and other machines: it costs no points."""

import json
from dataclasses import replace

import pytest

from mlpgrader.assignment.plan import read_plan
from mlpgrader.inside.messages import Tier
from mlpgrader.runner import worker as workers
from mlpgrader.runner.grade import GradeOptions, grade_set
from mlpgrader.runner.worker import WorkerOptions, modules_to_preload
from tests.support import mini
from tests.support.programs import path_of

pytestmark = pytest.mark.slow

MODULE = "import torch\n\n\ndef twice(x):\n    return 2 * x\n"
IMPORTS = "from helpers import twice\n\n\ndef double(x):\n    return twice(x)"
LOADER = """from torch.utils.data import DataLoader, TensorDataset

def load(x):
    return [batch for batch, in DataLoader(TensorDataset(torch.ones(64, 4)), 8, num_workers=2)]

def double(x):
    return 2 * x * load(x)[-1][0, 0].item()
"""
POOL = """import multiprocessing

with multiprocessing.get_context("{}").Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
"""
RIGHT = mini.RIGHT["double"]
# what stands in the cell of `double`, and in an added cell before it
HANDED_IN = {
    "magic": (f"%matplotlib widget\n{RIGHT}", ""),
    "command": (f"!pip install torchinfo\n{RIGHT}", ""),
    "unknown cell magic": (f"%%black -l 100\n{RIGHT}", ""),
    "old way of magics": (f"get_ipython().magic('matplotlib inline')\n{RIGHT}", ""),
    "timed": (f"%timeit -n 100000000 1 + 1\n{RIGHT}", ""),
    "on Colab": (f"from google.colab import drive\ndrive.mount('/content/drive')\n{RIGHT}", ""),
    "of Colab's": (f"import math, google.colab\ngoogle.colab.drive.mount('/x')\n{RIGHT}", ""),
    "asks Colab for files": (
        f"from google.colab import files\nfor name in files.upload().keys():\n    0 / 0\n{RIGHT}",
        "",
    ),
    "on Kaggle": (f"from kaggle_secrets import UserSecretsClient\n{RIGHT}", ""),
    "in JupyterLite": (f"import piplite\nawait piplite.install('seaborn')\n{RIGHT}", ""),
    "of another machine": (
        "import os\nfor path in ('/content/drive/MyDrive', 'C:\\\\Users\\\\ann', '/Users/ann'):\n"
        f"    os.chdir(path)\n{RIGHT}",
        "",
    ),
    "installs": (
        "import subprocess, sys\n"
        "subprocess.check_call([sys.executable, '-m', 'pip', 'install', 'x'])\n"
        "assert subprocess.check_output('pip install x', shell=True) is not None\n"
        f"subprocess.run('conda install -y x', shell=True, check=True)\n{RIGHT}",
        "",
    ),
    "restarts its kernel": (
        "import IPython\nget_ipython().kernel.do_shutdown(True)\n"
        f"IPython.core.application.Application.instance().kernel.do_shutdown(True)\n{RIGHT}",
        "",
    ),
    "logged in": (f"import os\nassert os.getlogin()\n{RIGHT}", ""),
    "torchvision": (f"import torchvision\nfrom torchvision import transforms\n{RIGHT}", ""),
    "windows": (
        "import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt\n"
        f"plt.plot([1, 2])\nplt.switch_backend('Qt5Agg')\nplt.plot([1, 2])\n{RIGHT}",
        "",
    ),
    "asks where": (
        "try:\n    import google.colab\n    raise SystemError('not on Colab')\n"
        f"except ImportError:\n    pass\n{RIGHT}",
        "",
    ),
    "script": (
        f"!echo 'print(4)' > script.py\nlines = !python script.py\nassert lines == ['4']\n{RIGHT}",
        "",
    ),
    "who": (f"import getpass\nassert getpass.getuser()\n{RIGHT}", ""),
    "asks": (f"input('Press Enter')\nexit()\n{RIGHT}", ""),
    "written": (IMPORTS, f"%%writefile helpers.py\n{MODULE}"),
    "loader": (LOADER, ""),
    "fork": (POOL.format("fork") + RIGHT, ""),
    "spawn": (POOL.format("spawn") + RIGHT, ""),
    "compiled": (f"@torch.compile\n{RIGHT}", ""),
    "future": (
        "def double(x: NoSuchType) -> NoOther:\n    return 2 * x",
        "from __future__ import annotations",
    ),
}


@pytest.mark.parametrize("tier", ["namespaces", "bwrap"])
def test_no_honest_cell_costs_points(tier: Tier):
    if tier == "bwrap":
        path_of("bwrap", package="bubblewrap")
    plan = read_plan(json.dumps(mini.source()), "mini")
    worker = workers.Worker(plan, WorkerOptions(timeout=10), tier)
    lost = {}
    try:
        for name, (answer, added) in HANDED_IN.items():
            found = worker.grade(json.dumps(mini.submission({"double": answer}, added=added)))
            statuses = {verdict.grade_id: verdict.message for verdict in found.verdicts}
            if {verdict.status for verdict in found.verdicts} != {"passed"}:
                lost[name] = (statuses, found.outputs)
    finally:
        worker.close()
    assert not lost


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The rows of a class in which some handed in other files than were asked for."""
    course = mini.course(tmp_path_factory.mktemp("others"), {})
    right = mini.submission()
    chapter = mini.notebook([mini.cell("from mlpkit import plotting")])
    files = {
        ("renamed", "mini (1).ipynb"): right,
        ("beside", "mini.ipynb"): mini.submission({"double": IMPORTS}),
        ("beside", "helpers.py"): MODULE,
        ("two", "mini.ipynb"): mini.submission({"double": ""}),
        ("two", "mini-Copy1.ipynb"): right,
        ("chapter", "mini.ipynb"): chapter,
        ("lost", "mini.ipynb"): mini.submission({"double": f"import no_such\n{RIGHT}"}),
        ("syntax", "mini.ipynb"): mini.submission({"double": f"{RIGHT}\ntype Number = float"}),
    }
    for (student, name), content in files.items():
        mini.write(course / "submitted" / student / "mini" / name, content)
    result = grade_set(course, "mini", GradeOptions(timeout=5))
    return course, {row.student: row for row in result.submissions}


def test_a_renamed_notebook_is_graded_and_the_row_says_so(graded):
    row = graded[1]["renamed"]
    assert (row.status, row.score) == ("graded", 6.0)
    assert row.message == "graded: mini (1).ipynb, since there is no mini.ipynb"


def test_a_module_beside_the_notebook_is_imported(graded):
    assert graded[1]["beside"].score == 6.0 and graded[1]["beside"].message == ""


def test_another_notebook_beside_it_is_named(graded):
    row = graded[1]["two"]
    assert row.score == 3.0 and row.message == "not graded, beside it: mini-Copy1.ipynb"


def test_a_chapter_is_called_that(graded):
    row = graded[1]["chapter"]
    assert row.status == "unreadable" and "chapter" in row.message


def test_a_visible_test_says_why_its_function_is_not_there(graded):
    [message, *_] = [test.message for test in graded[1]["lost"].tests]
    assert "its cell stopped with ModuleNotFoundError: No module named 'no_such'" in message


def test_newer_syntax_is_told_with_its_line_and_the_python_that_grades(graded):
    row = graded[1]["syntax"]
    if row.score == 6.0:  # Python 3.12 or newer grades
        return
    assert (
        "SyntaxError" in row.tests[0].message
        and "line 3, read by Python 3." in row.tests[0].message
    )


def test_what_a_module_says_is_part_of_the_receipt(graded):
    course, rows = graded
    mini.write(course / "submitted" / "beside" / "mini" / "helpers.py", MODULE.replace("2", "3"))
    again = grade_set(course, "mini", replace(GradeOptions(timeout=5), jobs=1)).submissions
    row = next(row for row in again if row.student == "beside")
    assert row.receipt != rows["beside"].receipt and row.score == 3.0


def test_what_many_plot_with_is_loaded_once():
    plots = [json.dumps(mini.submission(added=f"import matplotlib as m{n}")) for n in range(4)]
    assert "matplotlib.pyplot" in modules_to_preload(plots)
    assert "matplotlib.pyplot" not in modules_to_preload(plots[:3])


DRAW = """import sys
print(sorted({"matplotlib.backends.backend_agg", "matplotlib.pyplot"} & {*sys.modules}))
import matplotlib.pyplot as plt
plt.plot([1])
plt.title("a title")"""


def test_a_figure_is_shown_also_where_one_was_drawn_before_the_fork():
    plan = read_plan(json.dumps(mini.source()), "mini")
    worker = workers.Worker(plan, WorkerOptions(preload=("matplotlib.pyplot",)), "namespaces")
    try:
        found = worker.grade(json.dumps(mini.submission(added=DRAW)))
    finally:
        worker.close()
    text, value, figure = found.outputs["+1"]
    assert text["text"] == "['matplotlib.backends.backend_agg', 'matplotlib.pyplot']\n"
    assert "a title" in value["data"]["text/plain"] and "image/png" in figure["data"]


FUNCTIONS = range(4)
CELL = """import time
end = time.process_time() + 0.75
while time.process_time() < end:
    pass  # {}"""


def test_two_functions_that_crash_leave_time_for_the_others():
    right = {f"f{n}": f"def f{n}(x): return {n} * x" for n in FUNCTIONS}
    tests = {
        f"f{n}": {f"f{n}-{k}": (f"assert f{n}({k}) == {n * k}", 1.0) for k in range(4)}
        for n in FUNCTIONS
    }
    plan = read_plan(json.dumps(mini.source(tests, right)), "mini")
    crashing = {f"f{n}": f"import os\ndef f{n}(x): os.abort()" for n in (0, 2)}
    book = mini.source({}, right | crashing)
    for place in (6, 4, 2):  # so that no process serves two functions
        book["cells"].insert(place, mini.cell(CELL.format(place)))
    worker = workers.Worker(plan, WorkerOptions(timeout=1), "namespaces")
    try:
        verdicts = worker.grade(json.dumps(book)).verdicts
    finally:
        worker.close()
    passed = {verdict.grade_id for verdict in verdicts if verdict.status == "passed"}
    assert passed == {f"f{n}-{k}" for n in (1, 3) for k in range(4)}
    assert "ended its process twice" in verdicts[-5].message
