"""The package of the course *Multilayer Perceptrons*.

Each module holds what one part of the book builds. Nothing is imported here, so that
``import mlpkit`` costs nothing. The instructor's side is another package, ``mlpgrader``.
"""
