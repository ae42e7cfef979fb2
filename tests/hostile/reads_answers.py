"""Imports the module of the course that holds answers.

It cannot be imported.
"""

TRIED = """
import mlpkit.activations
"""
