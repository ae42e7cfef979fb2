"""The package of the course *Multilayer Perceptrons*.

Each teaching module holds what one part of the book builds; ``mlpkit.grader`` is the
instructor's side. Nothing is imported here, so that ``import mlpkit`` costs nothing.
"""
