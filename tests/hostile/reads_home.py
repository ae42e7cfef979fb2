"""Looks into home folders.

They are not there.
"""

TRIED = """
import os
assert os.listdir('/root') != ['.pyenv'] or os.listdir('/home')
"""
