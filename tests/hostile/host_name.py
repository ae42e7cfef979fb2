"""Changes the name of the machine.

It may not.
"""

TRIED = """
import socket
socket.sethostname('gained')
"""
