"""nbgrader's files and database: a course's folders, gradebook and student versions.

- `folders.py`: where everything lies, as nbgrader_config.py says;
- `sources.py`: the notebooks of a set as plans, and the files beside them; `autotests.py`:
  nbgrader's AUTOTEST lines as tests;
- `submitted.py`: which of a student's files is graded, and its text;
- `release.py`: the student version of a set, and the form in which its source is stored;
- `autograded.py`: a submission's notebook with its verdicts in it;
- `masters.py`, `preprocessing.py`: what nbgrader makes of a source, to be filled by submissions;
- `rows.py`: the rows of nbgrader's database, read and written in bulk;
- `gradebook.py`: records those notebooks and rows; `recorded.py`: what it has written;
- `regrade.py`: which grades a recording would change; `copies.py`: the gradebook as it was before;
- `marks.py`: what each student has; `shown.py`: an autograded notebook as pages read it;
- `people.py`: who is meant by a name; `roster.py`: names and addresses out of a sheet, whose text
  `sheets.py` reads;
- `importing.py`: hand-ins out of an archive, opened by `archive.py`, its names read by
  `platforms.py`, times out of Moodle's `worksheet.py`;
- `extensions.py`: more time for some; `forgetting.py`: one student removed; `alike.py`: who wrote
  the same;
- `nbgrader_private.py`: what is used of nbgrader that it does not promise.
"""

from mlpgrader.course.nbgrader_private import skip_address_grammar

skip_address_grammar()
