"""All of ours that a sandbox shows, beside `mlpkit/checks`.

A process behind the walls can read every file of this folder and import it, so nothing here holds
a secret: no test, no solution, nothing of a course. And it can read nothing else of ours, so
nothing here imports anything else of ours (`tests/test_imports.py` looks).

- `__main__`, `launch`: how a process is started;
- `zygote`: what is started, and forks all others;
- `checker`: runs the tests, never a line of a student's;
- `student`: runs the student's cells, and is never believed;
- `messages`: what they say to each other; `wire` and `frame`: how it travels;
- `walls`: what a student's process may see, call and use up; `processes`: forks and families.
"""
