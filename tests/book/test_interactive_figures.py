"""Every interactive figure, from disk: by pointer, by keys and by touch, light and dark."""

import functools

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from mlpkit import lab
from mlpkit.activations import sigmoid, sigmoid_grad
from mlpkit.data import digits
from mlpkit.plotting import Interactive, as_texts
from tests.support.browser import browser as started_browser
from tests.support.browser import figure_html

X = torch.tensor([-120.0, -100.0, -50.0, -1.0, 0.0, 1.0, 100.0])
IMAGES = digits()


def naive(x):
    return 1 / (1 + torch.exp(-x))


def columns():
    x = X.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(naive(x).sum(), x)
    return {
        "truth (float64)": (sigmoid(X.double()), sigmoid_grad(X.double())),
        "stable": (sigmoid(X), sigmoid_grad(X)),
        "naive": (naive(X), slopes),
    }


def logits():
    """The second of three images is learned, over two epochs."""
    rows = torch.zeros(3, 3, 10)
    rows[1, 1, IMAGES.y_train[1]] = 200
    rows[2, 1, IMAGES.y_train[1]] = 400
    return rows.int()


DATA = {
    "activation-numbers": {"x": X, "functions": {"sigmoid": as_texts(columns())}},
    "batch-influence": {"z": [-1.6, -1.1, -0.7, -0.2, 0.3, 0.8, 1.2, 1.9], "eps": 1e-5},
    "fold": {"pieces": [2, 4, 8, 16, 32, 64], "parameters": [7, 13, 19, 25, 31, 37]},
    "gain-depth": {},
    "kinks": {"start": [[0.0, 0.5], [2.0, -1.0], [4.0, 1.0]], "even": 0.437},
    "lab": {"digits": lab.digits_as_text()},
    "scalar-graph": {"x": 2.0, "w": 0.5, "b": -0.5, "t": 1.0, "weight_decay": 0.1},
    "training-epochs": {
        "images": (99 * IMAGES.X_train[:3]).round().int(),
        "shape": IMAGES.image_shape,
        "classes": IMAGES.classes,
        "labels": IMAGES.y_train[:3],
        "logits": logits(),
    },
}
STATE = """() => [...document.querySelectorAll("input, select, textarea, [role=slider]")].map(
  (e) => e.getAttribute("aria-valuetext") ?? (e.type === "checkbox" ? e.checked : e.value))"""
SMALL_TEXT = """() => [...document.querySelectorAll(".interactive *")].filter((e) => {
  const own = [...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return own && e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 12;
}).map((e) => e.textContent)"""
SMALL_TARGETS = """() => [...document.querySelectorAll(
  "button, input, select, summary, textarea, .fig-handle, .lab-pen")].filter((e) => {
  const { width, height } = e.getBoundingClientRect();
  return e.checkVisibility() && width && Math.min(width, height) < 24;
}).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def browser():
    with started_browser() as running:
        yield running


@pytest.fixture
def figure(browser, tmp_path):
    """Open a figure from disk, with a query behind its name."""
    contexts = []

    def open_figure(name, query="", theme="light", width=1280, touch=False):
        path = tmp_path / f"{name}-{theme}.html"
        path.write_text(figure_html(name, DATA[name], theme), encoding="utf-8")
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda message: page.faults.append(message.text))
        page.goto(path.as_uri() + (f"#fig-{name}?{query}" if query else ""))
        expect(page.locator("[data-interactive]")).to_have_attribute("data-state", "ready")
        settle(page)
        return page

    yield open_figure
    assert [fault for context in contexts for page in context.pages for fault in page.faults] == []
    for context in contexts:
        context.close()


def settle(page):
    """Wait until what follows a change of size is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def status(page):
    return page.locator("[role=status]").inner_text()


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def query_of(page):
    return page.evaluate("location.hash").partition("?")[2]


def tab_to(page, selector, most=80):
    """Press Tab until something is reached: whoever has no pointer has no other way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches('{selector}')"):
            return
    raise AssertionError(f"{selector} cannot be reached by keys")


def touch_drag(page, start, end):
    """Drag one finger."""
    session = page.context.new_cdp_session(page)
    send = functools.partial(session.send, "Input.dispatchTouchEvent")
    send({"type": "touchStart", "touchPoints": [{"x": start[0], "y": start[1]}]})
    for share in (0.3, 0.6, 1):
        x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
        send({"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    send({"type": "touchEnd", "touchPoints": []})


def center(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("name", DATA)
class TestEveryFigure:
    def test_obeys_keys_alone_and_keeps_its_state_in_the_address(self, figure, name):
        page = figure(name)
        start = page.evaluate(STATE)
        tab_to(page, "input[type=range], .fig-handle")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
        changed = page.evaluate(STATE)
        assert changed != start
        page.wait_for_function("location.hash.includes('?')")
        again = figure(name, query_of(page))
        assert again.evaluate(STATE) == changed
        button(again, "Start again").focus()
        again.keyboard.press("Enter")
        assert again.evaluate(STATE) == start
        again.wait_for_function("!location.hash.includes('?')")

    def test_takes_over_an_address_that_changes(self, figure, name):
        page = figure(name)
        start = page.evaluate(STATE)
        tab_to(page, "input[type=range], .fig-handle")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
        page.wait_for_function("location.hash.includes('?')")
        changed = page.evaluate(STATE)
        for place, state in (("", changed), ("?%E0%A4%A=1", start)):
            page.evaluate(f"location.hash = '#fig-{name}{place}'")
            same = f"(state) => JSON.stringify(({STATE})()) === JSON.stringify(state)"
            page.wait_for_function(same, arg=state)

    def test_is_large_enough_for_a_finger_at_390_pixels(self, figure, name):
        page = figure(name, width=390, touch=True)
        for details in page.locator("details").all():
            details.evaluate("(e) => { e.open = true; }")
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.evaluate(SMALL_TEXT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_has_no_fault_that_axe_finds(self, figure, name, theme):
        page = figure(name, theme=theme)
        results = Axe().run(page, None, {"resultTypes": ["violations"]})
        assert results.violations_count == 0, results.generate_report()

    def test_says_something_to_those_who_do_not_see_it(self, figure, name):
        page = figure(name)
        for picture in page.locator("[role=img]").all():
            assert len(picture.get_attribute("aria-label")) > 15
        assert len(status(page)) > 15

    def test_prints_its_drawing_and_not_its_controls(self, figure, name):
        page = figure(name)
        page.emulate_media(media="print")
        assert page.locator(".interactive").is_visible()
        assert not button(page, "Start again").is_visible()
        assert not any(control.is_visible() for control in page.locator("input, select").all())


DRAGGED = [
    "activation-numbers",
    "batch-influence",
    "fold",
    "gain-depth",
    "kinks",
    "training-epochs",
]


@pytest.mark.parametrize("name", DRAGGED)
class TestHandles:
    def test_follow_the_pointer(self, figure, name):
        page = figure(name)
        before = page.evaluate(STATE)
        handle = page.locator(".fig-handle").first
        handle.scroll_into_view_if_needed()
        x, y = center(handle)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 300, y + 25, steps=4)
        page.mouse.up()
        assert page.evaluate(STATE) != before

    def test_follow_a_finger(self, figure, name):
        page = figure(name, width=390, touch=True)
        before = page.evaluate(STATE)
        handle = page.locator(".fig-handle").first
        handle.scroll_into_view_if_needed()
        x, y = center(handle)
        touch_drag(page, (x, y), (x + 160, y + 25))
        assert page.evaluate(STATE) != before

    def test_say_where_they_are(self, figure, name):
        handle = figure(name).locator(".fig-handle").first
        before = handle.get_attribute("aria-valuetext")
        assert handle.get_attribute("role") == "slider"
        handle.focus()
        for key in ("ArrowRight", "ArrowUp"):
            handle.press(key)
        assert handle.get_attribute("aria-valuetext") != before


@pytest.mark.parametrize(
    ("name", "press", "said"),
    [("lab", "One step", "After 1 step"), ("scalar-graph", "Next box", "Forward first")],
)
def test_buttons_answer_a_finger(figure, name, press, said):
    page = figure(name, width=390, touch=True)
    button(page, press).tap()
    assert status(page).startswith(said)


def test_on_paper_the_lab_has_learned_something(figure):
    page = figure("lab")
    page.pdf()
    assert status(page).startswith("After 400 steps")


def test_without_its_script_a_sentence_stands_in_its_place():
    html = figure_html("fold", DATA["fold"])
    assert "<p>A figure.</p>" in html
    assert "class=" in Interactive("fold", {}, "Fold.")._repr_html_()


class TestNumbers:
    def test_the_probe_shows_what_torch_computed(self, figure):
        page = figure("activation-numbers", "x=1")
        shown = page.locator("tbody td").all_inner_texts()
        expected = [part[5].item() for parts in columns().values() for part in parts]
        assert [float(text) for text in shown] == pytest.approx(expected, rel=5e-3)

    def test_a_bar_marks_where_there_is_no_number(self, figure):
        page = figure("activation-numbers")
        assert page.locator(".fig-lost").count() == 1
        assert status(page).endswith("value 0, derivative not a number.")
        page.get_by_label("curve of the").select_option("value")
        assert page.locator(".fig-lost").count() == 0

    def test_exponents_are_written_as_people_write_them(self, figure):
        page = figure("activation-numbers")
        assert page.locator("tbody td").first.inner_text() == "3.7 × 10⁻⁴⁴"


class TestKinks:
    @pytest.mark.parametrize("query", ["t3=5.58&w3=4", "t3=5.58&w3=-4", "t1=0&w1=4"])
    def test_every_mark_stays_where_it_can_be_taken(self, figure, query):
        page = figure("kinks", query, width=390, touch=True)
        frame = page.locator(".fig-chart").bounding_box()
        marks = page.locator(".fig-handle:visible")
        assert marks.count() == 6
        for mark in marks.all():
            x, y = center(mark)
            assert frame["x"] <= x <= frame["x"] + frame["width"]
            assert frame["y"] <= y <= frame["y"] + frame["height"]

    def test_a_steep_weight_is_taken_where_it_is_and_does_not_jump(self, figure):
        page = figure("kinks", "w2=-4")
        mark = page.get_by_role("slider", name="weight of unit 2")
        mark.scroll_into_view_if_needed()
        x, y = center(mark)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y - 1)
        page.mouse.up()
        assert -4 <= float(mark.get_attribute("aria-valuetext").replace("−", "-")) < -3.9

    def test_the_line_of_a_unit_goes_through_its_mark(self, figure):
        page = figure("kinks", "t2=1.5&w2=-2")
        mark = page.get_by_role("slider", name="weight of unit 2")
        place = mark.evaluate("(e) => e.transform.baseVal[0].matrix.e")
        line = page.locator(".fig-chart polyline.fig-thin.fig-c-orange")
        points = [point.split(",") for point in line.get_attribute("points").split()]
        _, y = min(((float(x), float(y)) for x, y in points), key=lambda at: abs(at[0] - place))
        assert y == pytest.approx(mark.evaluate("(e) => e.transform.baseVal[0].matrix.f"), abs=8)

    def test_training_comes_to_rest_and_says_so_once(self, figure):
        page = figure("kinks")
        train = page.locator(".fig-buttons button").first
        # in one step: a fast page is at rest before a second look
        started = train.evaluate(
            """(button) => {
              button.click();
              return [button.textContent, document.querySelector("[role=status]").ariaLive];
            }"""
        )
        assert started == ["Stop", "off"]
        expect(train).to_have_text("Let it train", timeout=60_000)
        assert "come to rest" in status(page)
        assert page.locator("[role=status]").get_attribute("aria-live") == "polite"


class TestBatch:
    @pytest.mark.parametrize(
        ("operation", "moved", "others"),
        [("relu", 1, 0), ("softmax", 3, 0), ("layer", 3, 0), ("batch", 8, 7)],
    )
    def test_says_which_outputs_move(self, figure, operation, moved, others):
        page = figure("batch-influence", f"operation={operation}")
        page.get_by_role("slider", name="first feature of example 6").focus()
        page.keyboard.press("Shift+ArrowUp")
        assert f"{moved} output" in status(page)
        assert page.locator(".fig-chart circle.fig-c-ink").count() == moved + 1  # and the input
        words = f"{others} examples that nobody touched" if others else "no other example moved"
        assert words in status(page)


class TestGraph:
    def test_two_gradients_meet_in_w_and_add(self, figure):
        page = figure("scalar-graph")
        assert "dw = 0.0500 through s plus −0.8460 through z = −0.7960" in status(page)
        arrows = page.locator("text.fig-halo.fig-c-orange").all_text_contents()
        assert sorted(arrows) == ["0.050", "−0.846"]

    def test_goes_forward_and_backward_box_by_box(self, figure):
        page = figure("scalar-graph")
        following = button(page, "Next box")
        following.click()
        assert "Forward first" in status(page)
        assert page.locator("svg text", has_text="?").count() == 5
        for _ in range(5):
            following.click()
        assert page.locator("svg text", has_text="?").count() == 0
        assert page.locator("text.fig-halo").count() == 0
        following.click()
        assert status(page) == "Backward through J: 1.0000 to l, 1.0000 to s."
        button(page, "One box back").click()
        assert page.locator("text.fig-halo").count() == 0

    def test_a_step_lowers_the_loss(self, figure):
        page = figure("scalar-graph")
        step = button(page, "Step: w ← w − η dw, b likewise")
        step.click()
        step.click()
        trail = status(page).partition("step by step: ")[2].rstrip(".").split(" → ")
        losses = [float(text) for text in trail]
        assert len(losses) == 3
        assert losses == sorted(losses, reverse=True)

    def test_takes_an_expression_of_the_readers_own(self, figure):
        page = figure("scalar-graph")
        page.get_by_text("An expression of your own").click()
        area = page.locator("textarea")
        area.fill("p = w*x\nJ = sin(p) + p*b")
        assert page.locator("svg .fig-box").count() == 5
        assert page.get_by_role("alert").inner_text() == ""
        area.fill("J = w ^ x")
        assert "an exponent has to be a number" in page.get_by_role("alert").inner_text().lower()
        assert page.locator("svg .fig-box").count() == 5  # the last that could be read


class TestTraining:
    def test_opens_on_the_image_that_is_learned(self, figure):
        page = figure("training-epochs")
        pressed = page.locator("[aria-pressed=true]")
        assert pressed.get_attribute("aria-label").startswith("image 2")
        page.locator("input[type=range]").press("End")
        assert "which is right" in status(page)

    def test_says_whether_the_loss_went_up(self, figure):
        page = figure("training-epochs")
        for epoch, said in enumerate(("nats.", "down from 2.30.", "down from 0.80.")):
            if epoch:
                page.locator("input[type=range]").press("ArrowRight")
            assert status(page).endswith(said)

    def test_bars_are_the_probabilities(self, figure):
        page = figure("training-epochs", "epoch=1")
        texts = page.locator("svg text").all_text_contents()
        shown = [float(text.rstrip("%")) / 100 for text in texts if text.endswith("%")]
        expected = (logits()[1, 1] / 100).softmax(0).tolist()
        assert shown == pytest.approx(expected, abs=6e-4)


def test_two_settings_can_be_compared(figure):
    page = figure("gain-depth", "phi=relu&gain=1&layer=5")
    button(page, "Keep this setting to compare").click()
    button(page, "Critical gain, 1.41").click()
    assert page.locator(".fig-key", has_text="kept: ReLU, gain 1.00").count() == 1
    assert page.locator(".fig-chart .fig-c-orange").count() == 3
