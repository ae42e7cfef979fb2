"""All of ours that a sandbox shows, beside `mlpkit/checks.py`.

It imports nothing else of ours, and holds nothing that a student may not read.
"""
