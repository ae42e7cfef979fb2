"""What students type in a terminal: ``mlpkit start``, ``check`` and ``doctor``.

It runs wherever Jupyter runs, on Linux, macOS and Windows alike, and needs none of the grader.
`sets` finds the problem sets and `notebooks` reads what a student made of one; `kernel` runs code
in a fresh Jupyter kernel and `check` puts the three together; `start` hands out and updates sets,
`doctor` looks at the installation, and `cli` is the door.
"""
