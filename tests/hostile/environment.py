"""Looks for variables of the user who grades.

The environment is the grader's own.
"""

TRIED = """
import os
assert set(os.environ) & {'USER', 'SSH_AUTH_SOCK', 'PWD'}
"""
