"""Looks for variables of the user who grades.

The environment is the grader's own.
"""

TRIED = """
import os
known = set(os.environ) & {'USER', 'SSH_AUTH_SOCK'}
assert known or os.environ.get('PWD', '/student') != '/student'  # bubblewrap says where one is
"""
