"""JupyterLab as a student has it, in a browser: one notebook, its cells, its buttons."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.support.browser import browser
from tests.support.variants import ROOT

PATIENCE = 120_000  # milliseconds; the server, the page and torch are loaded on the way
ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)")


class Lab:
    """An open notebook.

    Attributes:
        page: the browser's page.
    """

    def __init__(self, page: Page, cells: list[str]):
        self.page = page
        self._numbers = {name: number for number, name in enumerate(cells)}

    def cell(self, name: str) -> Locator:
        """A cell by its id."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self._numbers[name])

    def write(self, name: str, source: str) -> None:
        """Put a text in place of a cell's own."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def run(self, *names: str) -> str:
        """Run cells, and give what the last one shows."""
        for name in names:
            cell = self.cell(name)
            cell.locator(".jp-InputPrompt").click()
            self.page.keyboard.press("Control+Enter")
            self.wait_for(name)
        return self.output(names[-1])

    def wait_for(self, name: str) -> None:
        """Wait until a cell has run."""
        prompt = self.cell(name).locator(".jp-InputPrompt")
        self.page.wait_for_function(
            "element => /\\[\\d+\\]/.test(element.textContent)",
            arg=prompt.element_handle(),
            timeout=PATIENCE,
        )

    def output(self, name: str) -> str:
        """What a cell shows below its text."""
        return "\n".join(self.cell(name).locator(".jp-OutputArea-output").all_inner_texts())

    def validate(self) -> str:
        """Press *Validate*, and give what its window says."""
        self.page.get_by_role("button", name="Validate", exact=True).click()
        window = self.page.locator(".jp-Dialog").filter(has_text="Validation Results")
        window.wait_for(timeout=PATIENCE)
        text = window.inner_text()
        window.get_by_role("button", name="Ok").click()
        return text

    def choose(self, menu: str, item: str) -> None:
        """Choose an item of a menu."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()


@contextmanager
def lab(notebook: Path) -> Iterator[Lab]:
    """JupyterLab with a notebook open, in the folder that the notebook lies in."""
    home = notebook.parent / "home"
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # all cells are in the page, whether they can be seen or not
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    env = {
        **os.environ,
        "HOME": str(home),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTER_CONFIG_PATH": str(ROOT / "lab"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.port=0"]
    if hasattr(os, "getuid") and os.getuid() == 0:
        command.append("--allow-root")
    server = subprocess.Popen(
        command, cwd=notebook.parent, env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        host, token = _address(server)
        with browser() as started:
            page = started.new_page(viewport={"width": 1200, "height": 1000})
            page.set_default_timeout(PATIENCE)
            page.goto(f"{host}/lab/tree/{notebook.name}?token={token}")
            cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
            page.locator(".jp-Notebook .jp-Cell").nth(len(cells) - 1).wait_for(state="attached")
            page.get_by_text("| Idle").first.wait_for()  # before that a click runs nothing
            yield Lab(page, [cell["id"] for cell in cells])
    finally:
        server.terminate()
        server.communicate(timeout=30)


def _address(server: subprocess.Popen[str]) -> tuple[str, str]:
    """Where the server is to be found, and its token."""
    for line in server.stderr or ():
        found = ADDRESS.search(line)
        if found:
            return found[1], found[2]
    raise RuntimeError("JupyterLab did not start")
