"""nbgrader's files and database: a course's folders, gradebook and student versions.

- `folders.py`: where everything lies, as nbgrader_config.py says;
- `sources.py`: the notebooks of a set as plans, and the files beside them; `autotests.py`:
  nbgrader's AUTOTEST lines as tests;
- `submitted.py`: which of a student's files is graded, and its text; `timestamps.py`: when it came;
- `penalties.py`: what lateness costs, by the course's plugin;
- `skeleton.py`: a new set to begin with;
- `release.py`: the student version of a set, and the form in which its source is stored;
  `student_version.py`: what is in it that stock nbgrader would not put there;
- `autograded.py`: a submission's notebook with its verdicts in it;
- `masters.py`, `preprocessing.py`: what nbgrader makes of a source, to be filled by submissions;
- `rows.py`: the rows of nbgrader's database, read and written in bulk;
- `gradebook.py`: records those notebooks and rows; `recorded.py`: what it has written;
- `regrade.py`: which grades a recording would change; `copies.py`: the gradebook as it was before;
- `marks.py`: what each student has; `shown.py`: an autograded notebook as pages read it;
- `people/`: who they are, their extensions, who wrote the same, one of them removed;
- `archives/`: hand-ins out of a platform's archive; `sheets.py`: the text of a sheet, however it is
  encoded;
- `nbgrader_private.py`: what is used of nbgrader that it does not promise.
"""

from mlpgrader.course.nbgrader_private import skip_address_grammar

skip_address_grammar()
