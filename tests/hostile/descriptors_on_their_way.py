"""Sends descriptors to itself and takes none, until the kernel lets none of its user's be sent.

That is counted over all submissions. Worker processes need none: they hand on tensors by names.
"""

ADDED = """
import socket
import warnings
from torch.utils.data import DataLoader, TensorDataset

warnings.simplefilter("ignore")
pairs = [socket.socketpair() for _ in range(10)]
try:
    for one, _ in pairs:
        socket.send_fds(one, [b"x"], [one.fileno()] * 100)
except OSError as error:
    print(error)
loader = DataLoader(TensorDataset(torch.ones(64, 4)), 8, num_workers=2)
print("loaded", len([batch for batch, in loader]))
"""
POINTS = 6.0


def check(seen):
    printed = seen.outputs["+1"][0]["text"]
    assert "Too many references" in printed and "loaded 8" in printed
