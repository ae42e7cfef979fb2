"""The checker's side: it runs the test cells, and never a line of a student's.

From the top: `examiner` keeps the `compiled_tests` and forks checkers; `examination` runs the tests
of one submission that are judged apart, `inside_tests` the others; `verdict` says what came of
each, by what is `missing` where a name is not there, and which `answers` to keep; `remote` is what
a test cell sees of the student's names; `handover` is what may go the other way; `student_process`
starts, asks and ends the student's processes, with a `watch` that reads their `usage`.
"""
