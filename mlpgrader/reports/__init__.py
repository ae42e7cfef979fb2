"""What people read: the table, the pages of feedback, the exports.

- `table.py`: what a graded set comes to, in the terminal;
- `feedback.py`, `feedback.html`, `feedback.css`: a page for each student;
- `export.py`: grades as CSV, or filled into a platform's own sheet.
"""
