"""What people read: the table, the pages of feedback, the exports.

In the terminal:

- `table.py`: what a graded set, or a proof of one, comes to; `overview.py`: all sets at a glance;
- `regrade.py`: whose grades a run would change;
- `mutants.py`: what came of a set's mutants and of its author's answers.

Pages, each beside its `.html` and `.css`, which `templates.py` fills:

- `feedback.py`: one for each student, with what `problems.py` says beyond the verdicts;
- `class_page.py`: one on the class, with the item analysis of `items.py`;
- `solutions.py`: the reference solutions, for after the due date.

For other programs:

- `export.py`: grades as CSV; `standing.py`: where a student stands, which it tells;
- `sheet.py`: the final scores in a platform's own sheet;
- `gradescope.py`: the form in which Gradescope takes results.
"""
