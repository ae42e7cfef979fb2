"""Imports two other modules that hold answers.

They cannot be imported.
"""

TRIED = """
import mlpkit.losses, mlpkit.mlp
"""
