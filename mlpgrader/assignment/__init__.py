"""What a set asks and what a submission answers: read as text, nothing of it is run.

- `plan.py`: the set: its cells, tests, points and their order;
- `names.py`: what a cell binds, uses and imports; `stub.py`: what students get of a set;
- `submission.py`: the cells of a submission that count;
- `schedule.py`: what a student's process has to run, and which fork serves which test;
- `effects.py`: what running a cell does to a notebook's names, on which that depends;
- `mutants.py`: a solution with one thing changed, as people get it wrong;
- `normal_form.py`: the text of a function, in which those that do the same often agree;
- `choice.py`: questions with one right letter; `literals.py`: what a message must not tell;
- `syntax.py`: Python as a syntax tree, safe where threads share the work.
"""
