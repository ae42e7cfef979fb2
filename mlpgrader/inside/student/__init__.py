"""The student's side: it runs the student's cells, and nothing it says is believed.

`server` runs the cells and answers calls, in a `shell`, where `stand_ins` do for what a notebook
finds at home; a `snapshot` tells whether a call left something behind for other functions; `parked`
runs the tests that are judged inside.
"""
