"""Run the notebook pages, several at a time, and hand the results to the Sphinx build.

Sphinx reads results from a jupyter-cache, which looks at cells alone. It would miss a change of
``mlpkit`` or of the data, and run a page again for a new caption. So results are kept here, under
a key of all that can change them: the code, the modules it imports, versions and the image set.
The cache is then filled from them. A page whose results are new also loses its parsed form, or
Sphinx would take that for up to date.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pooch
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from pages import BUILD, ROOT, Page, code, digest, modules_used

RESULTS = BUILD / "executed"
CACHE = BUILD / ".jupyter_cache"
CELL_TIMEOUT = 120  # seconds, as in _config.yml
# the first call of glue imports jsonschema, which would spend two seconds in each kernel on the
# grammar of international addresses (see __main__.py)
QUICK_GLUE = "--IPKernelApp.exec_lines=import sys; sys.modules['rfc3987_syntax'] = None"
VERSIONS = ("torch", "torchvision", "numpy", "matplotlib", "scikit-learn", "myst-nb")


@dataclass
class Run:
    """What became of one page.

    Attributes:
        page: the page.
        seconds: time it took, 0 when earlier results were still good.
        error: one line on the cell that failed, empty when all ran.
        traceback: the whole story of the failure.
    """

    page: Page
    seconds: float = 0.0
    error: str = ""
    traceback: str = ""


def run_pages(pages: list[Page], report: Callable[[Run], None], jobs: int = 2) -> list[Run]:
    """Bring the results of the given pages up to date.

    Args:
        pages: notebook pages.
        report: called with each page that was run, as it ends.
        jobs: kernels at a time.

    Returns:
        One run per page that was out of date.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    stale = sorted((page for page in pages if _stale(page)), key=_last_seconds, reverse=True)
    runs = []
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(_run, page, jobs) for page in stale]
        for future in as_completed(futures):
            run = future.result()
            runs.append(run)
            report(run)
    failed = {run.page for run in runs if run.error}
    for page in pages:
        if page not in failed and not _fill_cache(page):
            runs.append(Run(page, error="the page was changed while it ran; build again"))
    return runs


def results(page: Page) -> nbformat.NotebookNode:
    """Read the executed notebook of a page."""
    return nbformat.read(RESULTS / f"{page.slug}.ipynb", as_version=4)


def key(source: str) -> str:
    """Return a hash of all that the results of a page with this code depend on."""
    files = sorted(modules_used(source))
    names = [str(path) for path in files]
    texts = [path.read_bytes() for path in files]
    versions = [f"{name} {version(name)}" for name in VERSIONS]
    python = platform.python_version()
    return digest(source, *names, *texts, *versions, python, repr(_image_files()))


def _image_files() -> list[tuple[str, int]]:
    """List the files of the image set that the pages will find, with their sizes."""
    root = Path(os.environ.get("MLPKIT_DATA") or pooch.os_cache("mlpkit")).expanduser()
    paths = sorted((root / "FashionMNIST" / "raw").glob("*-ubyte"))
    return [(path.name, path.stat().st_size) for path in paths]


def _stale(page: Page) -> bool:
    now = key(code(page.notebook()))
    return _record(page).get("key") != now or not (RESULTS / f"{page.slug}.ipynb").exists()


def _last_seconds(page: Page) -> float:
    seconds: float = _record(page).get("seconds", 0.0)
    return seconds


def _record(page: Page) -> dict[str, Any]:
    """Read what is kept of the last run of a page: its key and its seconds."""
    path = RESULTS / f"{page.slug}.json"
    if not path.exists():
        return {}
    record: dict[str, Any] = json.loads(path.read_text())
    return record


def _run(page: Page, jobs: int) -> Run:
    """Run one page in a kernel of its own and keep its results."""
    notebook = page.notebook()
    source = code(notebook)
    client = NotebookClient(
        notebook, timeout=CELL_TIMEOUT, kernel_name="python3", extra_arguments=[QUICK_GLUE]
    )
    threads = max(1, (os.cpu_count() or 1) // jobs)  # kernels side by side, each with its share
    env = os.environ | {"OMP_NUM_THREADS": str(threads)}
    start = time.perf_counter()
    try:
        client.execute(cwd=str(page.path.parent), env=env, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        return Run(page, time.perf_counter() - start, f"{error.ename}: {error.evalue}", str(error))
    except Exception as error:  # a timeout or a dead kernel
        return Run(page, time.perf_counter() - start, type(error).__name__, str(error))
    run = Run(page, time.perf_counter() - start)
    nbformat.write(notebook, RESULTS / f"{page.slug}.ipynb")
    # the key is taken now, because this page may have been the one that fetched the data
    record = {"key": key(source), "seconds": run.seconds}
    (RESULTS / f"{page.slug}.json").write_text(json.dumps(record))
    _forget_parsed(page)
    return run


def _fill_cache(page: Page) -> bool:
    """Put the results under today's captions and tags, which the cache counts as code.

    Returns:
        Whether the page still has the code that was run.
    """
    notebook = page.notebook()
    executed = results(page)
    if code(notebook) != code(executed):
        return False
    executed_cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, executed_cell in zip(cells, executed_cells, strict=True):
        cell.outputs = executed_cell.outputs
        cell.execution_count = executed_cell.execution_count
    data = {"execution_seconds": _last_seconds(page)}
    bundle = CacheBundleIn(notebook, str(page.path), data=data)
    get_cache(CACHE).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return True


def _forget_parsed(page: Page) -> None:
    """Remove the form of a page that Sphinx would take for up to date."""
    path = BUILD / ".doctrees" / page.path.relative_to(ROOT).with_suffix(".doctree")
    path.unlink(missing_ok=True)
