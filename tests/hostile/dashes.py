"""Shows an SVG of millions of dashes, and one of a line that crosses itself for ever.

They are not shown.
"""

ADDED = """
head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 900">'
dashed = '<path d="M0 9H900" stroke="red" stroke-dasharray="0.001"/>' * 500
crossed = f'<path d="M0 0{"L900 9L0 9L9 900" * 9000}" stroke="red" fill="none"/>'
display({"image/svg+xml": f"{head}{dashed}</svg>"}, raw=True)
display({"image/svg+xml": f"{head}{crossed}</svg>"}, raw=True)
"""
POINTS = 6.0


def check(seen):
    assert "data:image/svg" not in seen.page() + seen.autograded()
