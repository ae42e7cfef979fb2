"""The lab as a reader uses it, and a run of it copied as Python."""

import contextlib
import io

import pytest
import torch

from mlpkit import lab
from tests.book.test_lab_arithmetic import SETTINGS
from tests.support.browser import interactive_page, modules_page

SIZES = {"digits": (64, 10)}
# a browser that tells in one call that the lab was out of sight and that it is in sight now
STALE = """window.IntersectionObserver = class {
  constructor(tell) { this.tell = tell; }
  observe() {
    setTimeout(() => this.tell([{ isIntersecting: false }, { isIntersecting: true }]));
  }
}"""
RUNS = [
    SETTINGS,
    {**SETTINGS, "momentum": 0.9, "decay": 0.001, "data": "spirals", "rate": 0.03},
    {**SETTINGS, "biases": False, "activations": ["gelu", "prelu"], "data": "xor", "held": 0},
    {**SETTINGS, "activations": ["step", "sigmoid"], "data": "circles", "init": "xavier"},
    {**SETTINGS, "data": "digits", "batch": 50},
    {**SETTINGS, "hidden": [], "activations": []},
    {**SETTINGS, "data": "drawn", "drawn": "aB3f0zz0v1IRw41ccAA0", "batch": 5, "held": 25},
]


@pytest.fixture(scope="class")  # one browser at a time
def modules():
    with modules_page(["recipe", "training-run"]) as page:
        yield page


class TestRuns:
    @pytest.mark.parametrize("settings", RUNS, ids=lambda settings: settings["data"])
    def test_the_copied_python_reproduces_the_run(self, modules, settings):
        call = """([settings, digits]) => {
          const run = new modules["training-run"].Run(settings, digits);
          for (let k = 0; k < 40; k++) run.step();
          const code = modules.recipe.recipe(run.settings, run.sizes, run.held.length, run.steps);
          return [code, run.measure()];
        }"""
        code, measured = modules.evaluate(call, [settings, lab.digits_as_text()])
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "copied", "exec"), {})
        training, validation = (line.split() for line in printed.getvalue().splitlines())
        assert float(training[2].rstrip(",")) == pytest.approx(measured["loss"], rel=1e-8, abs=1e-9)
        assert float(training[4]) == pytest.approx(measured["accuracy"], abs=6e-5)
        if settings["held"]:
            assert float(validation[2].rstrip(",")) == pytest.approx(measured["heldLoss"], rel=1e-8)
            assert float(validation[4]) == pytest.approx(measured["heldAccuracy"], abs=6e-5)
        lines = [line for line in code.splitlines() if line]
        assert len(lines) <= 36

    def test_a_setting_without_biases_leaves_them_zero(self, modules):
        call = """(settings) => {
          const run = new modules["training-run"].Run(settings);
          for (let k = 0; k < 20; k++) run.step();
          return run.network.b.map((b) => Math.max(...b.map(Math.abs)));
        }"""
        assert modules.evaluate(call, {**SETTINGS, "biases": False}) == [0, 0, 0]
        assert min(modules.evaluate(call, SETTINGS)) > 0

    def test_dead_units_are_those_that_are_zero_for_every_example(self, modules):
        call = """(settings) => {
          const run = new modules["training-run"].Run(settings);
          for (let k = 0; k < 60; k++) run.step();
          run.measure();
          const H = run.network.H.slice(1).map((H) => [...H]);
          return [run.layers(), H, run.train.length];
        }"""
        settings = {**SETTINGS, "activations": ["relu", "relu"], "rate": 3.0}
        layers, hidden, rows = modules.evaluate(call, settings)
        for layer, numbers in zip(layers[:2], hidden, strict=True):
            H = torch.tensor(numbers, dtype=torch.float64)[: rows * (len(numbers) // rows)]
            H = H.view(-1, settings["hidden"][hidden.index(numbers)])[:rows]
            assert layer["dead"] == int((H == 0).all(dim=0).sum())
            assert layer["activation"] == pytest.approx(H.square().mean().sqrt().item())
        assert layers[0]["dead"] + layers[1]["dead"] > 0
        assert "dead" not in layers[2]


@pytest.fixture(scope="class")
def opened():
    with interactive_page("lab", {"digits": lab.digits_as_text()}) as page:
        page.set_viewport_size({"width": 1200, "height": 1400})
        page.set_default_timeout(10_000)
        yield page


@pytest.fixture
def page(opened):
    """The lab at its start."""
    button(opened, "Start again").click()
    choice(opened, "data").select_option("moons")
    button(opened, "Rewind").click()
    return opened


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def choice(page, name):
    return page.get_by_role("combobox", name=name, exact=True)


def slider(page, name):
    return page.get_by_role("slider", name=name)


def status(page):
    return page.locator("[role=status]").inner_text()


def curves(page):
    return page.locator(".fig-chart polyline.fig-faint").count()


class TestTheLab:
    def test_rewind_keeps_the_first_weights_and_a_new_draw_does_not(self, page):
        start = status(page)
        button(page, "One step").click()
        assert status(page).startswith("After 1 step:")
        button(page, "One epoch").click()
        assert status(page).startswith("After 8 steps:")  # 150 points, 20 a step
        button(page, "Rewind").click()
        assert status(page) == start
        button(page, "Draw anew").click()
        assert status(page) != start
        assert status(page).startswith("Before the first step")

    def test_plays_after_a_link_opened_the_page_at_it(self, opened):
        opened.add_init_script(STALE)
        opened.reload()
        opened.wait_for_selector("[data-state=ready]")
        button(opened, "Play").click()
        opened.wait_for_function("parseInt(document.querySelectorAll('dd')[1].textContent) > 0")
        button(opened, "Pause").click()

    def test_plays_and_pauses(self, page):
        button(page, "Play").click()
        page.wait_for_function("parseInt(document.querySelectorAll('dd')[1].textContent) > 20")
        button(page, "Pause").click()
        done = status(page)
        page.wait_for_timeout(100)
        assert status(page) == done

    def test_the_last_run_stays_as_a_faint_line(self, page):
        page.reload()
        page.wait_for_selector("[data-state=ready]")
        assert curves(page) == 0
        button(page, "One epoch").click()
        slider(page, "learning rate").press("ArrowRight")
        assert status(page).startswith("Before the first step")
        assert curves(page) == 2  # training and validation
        choice(page, "data").select_option("circles")
        assert curves(page) == 0  # its losses are not to be compared

    def test_a_unit_can_be_enlarged(self, page):
        tile = button(page, "unit 2 of hidden layer 2, ReLU")
        tile.click()
        assert tile.get_attribute("aria-pressed") == "true"
        assert page.locator(".lab-title").inner_text() == "Unit 2 of hidden layer 2, ReLU"
        assert "where it switches" in page.locator(".lab-plane canvas").get_attribute("aria-label")
        button(page, "Show the whole network’s answer").click()
        assert page.locator(".lab-title").inner_text().startswith("The answer")

    def test_layers_come_and_go(self, page):
        button(page, "Add a layer").click()
        choice(page, "activation of layer 3").select_option("tanh")
        slider(page, "layer 3").fill("5")
        assert button(page, "unit 5 of hidden layer 3, tanh").count() == 1
        for _ in range(3):
            button(page, "Take one away").click()
        assert button(page, "Take one away").is_disabled()
        assert page.locator(".lab-tile").count() == 4  # two inputs, two logits

    def test_points_are_drawn_with_keys_and_with_a_pointer(self, page):
        choice(page, "data").select_option("drawn")
        button(page, "Clear").click()
        assert status(page).startswith("Put at least two points")
        assert button(page, "Play").is_disabled()
        pen = page.get_by_role("slider", name="pen: arrows move it, Enter puts a point")
        pen.focus()
        for key in ("Shift+ArrowLeft", "Enter", "Shift+ArrowRight", "Shift+ArrowRight"):
            pen.press(key)
        choice(page, "put").select_option("1")
        page.locator(".lab-plane canvas").click(position={"x": 250, "y": 100})
        assert status(page).startswith("Before the first step")
        assert button(page, "Play").is_enabled()

    def test_digits_have_a_confusion_matrix_and_weights_as_images(self, page):
        choice(page, "data").select_option("digits")
        button(page, "One epoch").click()
        assert page.locator(".lab-title").inner_text().startswith("Confusion matrix")
        button(page, "unit 1 of hidden layer 1, ReLU").click()
        label = page.locator(".lab-plane canvas").get_attribute("aria-label")
        assert label.endswith("the weights that come into it, as an image")

    def test_a_run_that_diverges_says_so(self, page):
        state = "activations=identity,identity&init=large&rate=3"
        page.evaluate(f"location.hash = '#fig-lab?{state}'")
        button(page, "Play").click()
        said = "document.querySelector('[role=status]').textContent.includes('diverged')"
        page.wait_for_function(said)
        assert button(page, "Play").is_visible()  # it has stopped

    def test_the_run_is_shown_as_python(self, page):
        button(page, "One epoch").click()
        page.get_by_text("This run as Python").click()
        page.locator("pre", has_text="range(8)").wait_for()  # the fold says later that it is open
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button(page, "Copy").click()
        page.wait_for_selector("text=Copied")
        page.get_by_text("This run as Python").click()

    def test_never_asks_a_host(self, opened):
        asked = opened.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
        assert [name for name in asked if not name.startswith("http://book.test/")] == []
