"""The student's side: it runs the student's cells, and nothing it says is believed.

`server` runs the cells and answers calls, in a `shell`; `parked` runs the tests that are judged
inside.
"""
