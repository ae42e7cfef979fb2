"""The steps of a build: run the cells, write what readers download, then Sphinx, strictly.

Pages whose code, package and data have not changed are not run again. Any warning fails the build,
and so does a page that is missing in the end.
"""

import contextlib
import io
import re
import shutil
import sys
import time
import traceback
from importlib.metadata import version

import deck
import execute
import notebooks
from filelock import FileLock, Timeout
from pages import BUILD, ROOT, Page, digest, read_pages

HTML = BUILD / "html"
REPORT = BUILD / "report.txt"
COLOR = re.compile(r"\x1b\[[0-9;]*m")
FAULT = re.compile(r"(WARNING|ERROR|CRITICAL):")


def main() -> int:
    """Build the book, one build at a time, and return the exit code."""
    BUILD.mkdir(exist_ok=True)
    lock = FileLock(BUILD / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("Waiting for another build of this book to end …")
        lock.acquire()
    with lock:
        return build()


def build() -> int:
    """Run, write, build and verify; return the exit code."""
    start = time.perf_counter()
    pages = read_pages()
    notebook_pages = [page for page in pages if page.is_notebook]
    say(f"Running the cells of {len(notebook_pages)} pages where they are out of date …")
    runs = execute.run_pages(notebook_pages, report_run)
    for run in runs:
        if run.error:
            return fail(f"{run.page.docname}.md: {run.error}", run.traceback)
    try:
        notebooks.write_notebooks(pages)
        deck.write_deck(pages)
    except notebooks.PageError as error:
        return fail(str(error), traceback.format_exc())
    say(f"Building {len(pages)} pages …")
    forget_pages_of_other_extensions()
    code, output = run_sphinx(rewrite=static_files_changed())
    if code:
        faults = len(FAULT.findall(output))
        return fail(f"{faults} warnings or errors in the strict build", output)
    absent = missing_pages(pages)
    if absent:
        return fail(f"no page for {', '.join(absent)}", "")
    seconds = time.perf_counter() - start
    say(f"The book is at {HTML / 'index.html'} ({seconds:.0f} s)")
    return 0


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)


def report_run(run: execute.Run) -> None:
    """Say how long a page took."""
    outcome = " failed" if run.error else ""
    say(f"  {run.page.docname}.md {run.seconds:.1f} s{outcome}")


def fail(line: str, report: str) -> int:
    """Print what went wrong, keep the report, and return the exit code."""
    report = COLOR.sub("", report).strip()
    REPORT.write_text(report + "\n", encoding="utf-8")
    print(f"\n{report}\n", file=sys.stderr)
    print(f"The book was not built: {line} (report: {REPORT})", file=sys.stderr)
    return 1


def forget_pages_of_other_extensions() -> None:
    """Make Sphinx write every page anew after a change of the book's own extensions."""
    extensions = sorted((ROOT / "book" / "_ext").glob("*.py"))
    texts = [path.read_bytes() for path in extensions]
    if _is_news("extensions.txt", digest(*texts, version("sphinx-book-theme"))):
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)


def static_files_changed() -> bool:
    """Say whether style or scripts changed: Sphinx copies them only when it writes pages."""
    static = ROOT / "book" / "_static"
    files = sorted(path for path in static.rglob("*") if path.is_file())
    return _is_news("static.txt", digest(*(path.read_bytes() for path in files)))


def _is_news(name: str, now: str) -> bool:
    """Keep a hash for the next build and say whether it is another than in the last."""
    stamp = BUILD / name
    is_news = not stamp.exists() or stamp.read_text() != now
    stamp.write_text(now)
    return is_news


def run_sphinx(rewrite: bool) -> tuple[int, str]:
    """Run the strict build.

    Args:
        rewrite: write every page, whether its text changed or not.

    Returns:
        The exit code, and all that was printed.
    """
    # jupyter-book's own command would read the pages as a library of its own; this is what it calls
    from jupyter_book.sphinx import build_sphinx

    overrides = {
        "external_toc_path": str(ROOT / "_toc.yml"),
        "nitpicky": True,
        "latex_individualpages": False,
    }
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        result = build_sphinx(
            ROOT,
            HTML,
            noconfig=True,
            path_config=ROOT / "_config.yml",
            confoverrides=overrides,
            builder="html",
            warningiserror=True,
            keep_going=True,
            force_all=rewrite,
            quiet=True,
        )
    # an error that stopped the build is returned, not raised
    if isinstance(result, Exception):
        output.write(f"\n{type(result).__name__}: {result}")
        return 1, output.getvalue()
    return result or 0, output.getvalue()


def missing_pages(pages: list[Page]) -> list[str]:
    """List the pages without a built file."""
    return [page.docname for page in pages if not (HTML / f"{page.docname}.html").is_file()]
