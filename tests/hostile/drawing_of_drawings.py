"""Shows an SVG of two kilobytes at which a browser draws for hours.

It is not shown.
"""

ADDED = """
levels = "".join(
    f'<g id="a{n + 1}">' + f'<use href="#a{n}"/>' * 10 + "</g>" for n in range(8)
)
svg = f'<svg xmlns="http://www.w3.org/2000/svg"><path id="a0" d="M0 0h9"/>{levels}</svg>'
display({"image/svg+xml": svg, "text/plain": "a drawing"}, raw=True)
"""
POINTS = 6.0


def check(seen):
    assert "image/svg+xml" in seen.kept()
    assert "data:image/svg" not in seen.page()
    assert "a drawing" in seen.page()
