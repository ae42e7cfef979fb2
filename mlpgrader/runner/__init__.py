"""The instructor's process: takes submissions, has them judged by workers, keeps the results.

- `grade.py`: a set, or one notebook, from reading to the result;
- `pool.py`: where submissions are examined side by side, here or on a cluster;
- `ways.py`: whether a test is judged apart or inside; `points.py`: from a verdict to points;
- `worker.py`: one zygote and the orders it gets;
- `examined.py`: what examining a text comes to; `store.py`: what is kept of it;
- `known.py`: what a failing function has in common with a wrong answer that is known;
- `mutants.py`: which mutants get full marks, and which answer fails which test.
"""
