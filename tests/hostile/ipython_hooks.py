"""Breaks the shell that runs its cells, and puts an answer into its names.

It harms its own answers alone.
"""

DOUBLE = """
def double(x):
    return 3 * x
ip = get_ipython()
ip.run_cell = lambda *a, **k: type('R', (), {'success': True})
ip.ast_transformers.append(0)
ip.user_ns['choice'] = 'b'
"""
LEAST = 0.0
