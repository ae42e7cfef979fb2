"""Answers with a tensor of 128 MB.

An answer has a limit.
"""

DOUBLE = """
def double(x): return torch.zeros(1 << 25)
"""


def check(seen):
    assert seen.status_of("double-values") == "failed"
    assert seen.test("double-values")["message"]
