"""Has links to the solutions beside the notebook.

Nothing comes in by them.
"""

ADDED = "pass"
POINTS = 6.0


def hand_in(folder):
    solutions = folder.parents[2] / "solutions" / "mini"
    (folder / "notes.txt").symlink_to(solutions / "mini.ipynb")
    (folder / "helper.py").symlink_to(solutions / "mini.ipynb")
    (folder / "all").symlink_to(solutions, target_is_directory=True)


def check(seen):
    folder = seen.course / "autograded" / seen.row["student"] / seen.set_name
    assert [path.name for path in folder.rglob("*")] == ["mini.ipynb"]
    assert "BEGIN HIDDEN" not in seen.page()
