"""nbgrader's files and database: the folders of a course, its gradebook, its releases.

- `folders.py`: where everything lies, as nbgrader_config.py says; how a submission is read;
- `release.py`: the student version of a set, and the form in which its source is stored;
- `autograded.py`: a submission's notebook with its verdicts in it;
- `gradebook.py`: those notebooks and the rows of nbgrader's database;
- `nbgrader_private.py`: what is used of nbgrader that it does not promise.
"""

from mlpgrader.course.nbgrader_private import skip_address_grammar

skip_address_grammar()
