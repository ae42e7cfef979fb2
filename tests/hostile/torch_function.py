"""Answers with a tensor that answers for itself whatever is asked of it.

It travels as bytes, and becomes a plain tensor.
"""

DOUBLE = """
class T(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *a, **k): return torch.tensor(True)
def double(x): return torch.ones(()).as_subclass(T)
"""
