"""The students of a course.

- `names.py`: who is meant by a name; `roster.py`: names and addresses out of a sheet;
- `extensions.py`: more time for some; `alike.py`: who wrote the same;
- `forgetting.py`: one student removed.
"""
