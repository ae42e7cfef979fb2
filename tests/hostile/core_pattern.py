"""Says which program the kernel is to start when a process crashes.

The file cannot be written.
"""

TRIED = """
open('/proc/sys/kernel/core_pattern', 'w').write('x')
"""
