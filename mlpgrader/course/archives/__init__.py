"""Hand-ins out of a platform's archive.

- `archive.py`: a zip that is not trusted, opened; `platforms.py`: whose each file is, by its name;
- `worksheet.py`: times and names out of Moodle's grading worksheet;
- `importing.py`: the hand-ins put in their places, all or none.
"""
