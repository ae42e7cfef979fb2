"""The lab: what its script weighs, and what a frame of it costs in a browser without a screen.

    python -m benchmarks.lab

A frame is some training steps and one drawing of everything: each unit's picture and the answer
over a grid, the weights, the losses, the numbers of the layers. Only the script's own time is
counted. On a busy machine the fastest tenth says more than the median.
"""

import gzip
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import course_interactive  # noqa: E402

from mlpkit import lab  # noqa: E402
from tests.support.browser import browser, figure_html  # noqa: E402

FRAMES = 240
CASES = {
    "2-8-8-2, relu": "",
    "2-8-8-2, tanh": "activations=tanh,tanh",
    "2-8-8-2, gelu": "activations=gelu,gelu",
    "2-16×6-2, relu": "hidden=16,16,16,16,16,16&activations=relu",
}
MEASURE = """async ([query, frames]) => {
  location.hash = `#fig-lab?${query || "speed=5"}`;
  await new Promise((done) => setTimeout(done, 300));
  const figure = document.querySelector(".lab").figure;
  const times = [];
  for (let k = 0; k < frames; k++) {
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    figure.frame();
    times.push(performance.now() - start);
  }
  return [times, figure.maps.side];
}"""


def kilobytes(text: str) -> float:
    return len(gzip.compress(text.encode())) / 1000


def main() -> None:
    """Measure."""
    script = course_interactive.script(["lab"])
    print(f"script of the lab      {kilobytes(script):6.1f} kB gzipped  (at most 30)")
    for path in sorted((ROOT / "_build" / "html" / "book").glob("*.html")):
        page = path.read_text(encoding="utf-8")
        if 'data-interactive="' in page:
            print(f"page {path.stem:18}{kilobytes(page):6.1f} kB gzipped, its text and scripts")
    with browser() as running:
        page = running.new_page(viewport={"width": 1280, "height": 1400})
        page.set_content(figure_html("lab", {"digits": lab.digits_as_text()}))
        page.wait_for_selector("[data-state=ready]")
        for name, query in CASES.items():
            times, side = page.evaluate(MEASURE, [query, FRAMES])
            times = times[30:]  # the first ones are compiled
            median, fast = statistics.median(times), sorted(times)[len(times) // 10]
            steps = f"5 steps, grid {side} × {side}"
            print(
                f"frame {name:15}  median {median:5.2f} ms, fastest tenth {fast:5.2f} ms  ({steps})"
            )


if __name__ == "__main__":
    main()
