"""The instructor's grader: it runs what students wrote, and lets none of it decide a grade.

Theory of operation
===================

A notebook that is handed in is a program, by somebody who wants points or only made a mistake.
Stock nbgrader runs it in one process with the hidden tests, so a line of it can read them, replace
`torch.allclose`, or exit and lose the rest of the notebook. Here a test and the code under test
never meet in one process:

**A student's process may say anything; nothing that it says is a verdict.**

A test cell runs, unchanged, in a process that never runs a line of a student's: the checker. Where
it calls a student's function, the call travels as a message to another process, behind walls, and
what comes back is plain data that the checker builds itself. The test then judges that data.

    solutions/ ── the plan ──┐              ┌──► results/, gradebook, autograded/, feedback/
    submitted/ ── texts ───┐ │              │
                           ▼ ▼              │
             runner: plans, hands out, keeps results
               │             │
               │ settings    │ tests, then orders; reports come back
    ═══════════╪═════════════╪══════════ walls: a short list of files, seen read-only ═══════════
               ▼             ▼
             zygote ─fork─► examiner ─fork─► checker
               │  ▲                           │   ▲
               │  └─── start and stop ────────┘   │ calls, answered by plain data
    ═══════════╪══════════════════════════════════╪═══ walls: namespaces, limits, a filter ══════
               ▼                                  ▼
             student's first process ─fork─► forks that serve calls

Loading torch takes seconds, a fork milliseconds. So a zygote loads it once and everything else
is a fork of the zygote. That makes grading fast, and it keeps secrets: a process that was forked
before a secret arrived cannot hold it.

Who runs what, and who sees what
--------------------------------

| process         | runs                       | gets                      | never sees           |
| --------------- | -------------------------- | ------------------------- | -------------------- |
| runner          | our code                   | the course folder         |                      |
| zygote          | our code, imports          | what to import, what to   | tests, submissions   |
|                 |                            | hide, limits              |                      |
| examiner        | setup cells                | setup and test cells, the | reference solutions, |
|                 |                            | names that solution and   | points, submissions  |
|                 |                            | given cells define        |                      |
| checker         | test cells                 | that, and one submission  | reference solutions, |
|                 |                            | after the other, as text  | points, names of     |
|                 |                            |                           | students             |
| first process   | setup, given, solution and | those cells, one by one   | tests, calls         |
|                 | added cells                |                           |                      |
| fork            | the student's functions    | calls: a name, arguments  | the text of tests    |

The first four trust each other. Nobody trusts the last two once a line of the student's has run:
the walls (`inside/walls`) count on the worst. Examiner and checker are walled too, since test cells
are an author's: no network, no rights, the same list of system calls. A zygote serves one
submission at a time, and nothing of a student's process is left for the next: its process namespace
ends with it. With `--unsafe` there are no walls, and the table of results says so.

They hold four conversations: runner and zygote, runner and examiner, checker and zygote, checker
and student. `inside/messages.py` has every message of all four as a dataclass; `inside/wire.py`
and `inside/frame.py` are how they travel.

Which cell runs where
---------------------

| cell     | what it is                               | whose text | runs in                      |
| -------- | ---------------------------------------- | ---------- | ---------------------------- |
| setup    | locked, no points                        | the plan   | examiner, first process      |
| given    | locked, no points, tagged `given`        | the plan   | first process                |
| solution | what the student fills in                | student    | first process                |
| added    | what the student put between plan cells  | student    | first process                |
| test     | locked, with points                      | the plan   | checker, or parked process   |
| answer   | graded by a person                       | student    | first process, if it is code |
| task     | graded by a person                       | the plan   | nowhere                      |

From a submission nothing is taken but the text of solution cells, by their `grade_id`, and of added
cells: points, order and tests are the plan's. Tests want the state right after the cell that they
test, so the first process leaves a fork behind in that state and goes on. One fork serves several
functions' tests where the cells between do nothing but define (`assignment/effects.py`).

Two ways to judge
-----------------

All above is the way *apart*. Test cells of other courses ask for more than plain data: objects of
the student's classes, figures, what was printed. Such a cell is judged *inside*: unchanged, in a
fork of the student's process that was parked at the test's place in the notebook. There a verdict
can be forged, as in stock nbgrader, so every result says which way it was judged.

Which way is found when a plan is first used (`runner/ways.py`): reference and stub are examined
both ways, and where their points agree the cell is judged apart. A cell that the reference fails
both ways is refused at release; when it is graded its points are a person's to give. A single
answer that is no plain data is for review, since a fallback to *inside* would let a student choose
the way that can be forged; a set may opt in to it, and may refuse all that is not apart.

Hidden lines stay hidden by the order of things (`inside/checker/inside_tests.py`): first all cells,
and all tests apart; then everything of the submission but parked processes is killed, from outside;
only then do these get the cells, and nothing is taken from them but how each ended and a number.
What people are told comes from a fresh process that gets the visible lines alone.

What goes wrong, and what it costs
----------------------------------

- *A cell crashes or runs too long*: the process starts anew without that cell, as if it had raised.
- *A call crashes, runs too long or takes too much*: that test. The next one finds a fresh process.
  After two timeouts of a function its other tests are not run, nor after two crashes where running
  all cells again takes long. That time is not the other functions'.
- *The submission's own time is used up*: the tests that are left.
- *It may have been the machine's fault* (a crash, or time by the clock that ran out before CPU time
  did): the tests that got no answer are tried once more, in fresh processes, side by side, when no
  first tries are under way, and for a share of the time that these took. Those that pass count;
  nothing else of a second try does, and nobody reads of it.
- *A test cell is at fault, or the checker ends in it*: the submission is for review, a person gives
  that test's points, and a fresh checker does the rest. An answer that takes too long to check
  costs its test.
- *A zygote is killed*: it is replaced, and its submission is examined again.
- *Something that nobody has foreseen happens with one submission*, while it is read, judged,
  recorded or shown: it is named and for review, and everything goes on without it. What would
  happen with the next one just so, as where the disk is full, ends the run.
- *The run is stopped*: results that are there stay, and the next run takes them up.
- *A test was mended, and grades change though no hand-in did*: nothing is recorded until somebody
  who has seen whose grades change accepts it (`recording.py`, `course/regrade.py`). Before grades
  change in any run a copy of the gradebook is kept (`course/copies.py`). Whatever a person gave is
  never written.
- *The machine cannot build the walls*: bubblewrap is tried; if that fails, nothing is graded.

What people see
---------------

A failure in the visible part of a test cell is told with its message. One in the hidden part is
told by the property that the cell's docstring names and the kind of failure, such as "it gave the
wrong shape" or the type of what was raised: never source, a value, or the text of an exception.
What a student's code printed or drew goes through `clean.py` before anybody sees it. Prose is shown
as it was typed, and both doors, `mlpgrader grade` and `nbgrader autograde`, make the same notebook
of a submission: formgrader renders what is in it.

A function that fails is compared with the wrong answers of `variants/`, which are no part of any
process of a student's: by the normal form of its text, and by outlines that the checker leaves of
the answers that led to each failure. What comes of it is at most a sentence that the set's author
wrote beside such an answer. Outlines hold answers to hidden calls, so they stay in `results/`.

No text of a student's meets code whose time grows faster than the text: each has a size up to which
it is read, parsed, colored or rendered, and what is beyond it is shown as plain text.

Rooms
-----

| room         | holds                                          | may import                       |
| ------------ | ---------------------------------------------- | -------------------------------- |
| doors        | `cli`, `exporter`, `named`, `preprocessor`,    | everything; nobody imports them  |
|              | `recording`, `variants`, `verify`, `watch`     |                                  |
| `reports`    | tables, feedback, exports                      | `course`, `runner.store`, and of |
|              |                                                | `assignment`: `choice`,          |
|              |                                                | `syntax`, of `inside`:           |
|              |                                                | `messages`                       |
| `runner`     | who grades what, when, and what is kept        | `assignment`, and of `course`:   |
|              |                                                | `folders`, `sources`,            |
|              |                                                | `submitted`, of `inside`:        |
|              |                                                | `frame`, `launch`, `messages`,   |
|              |                                                | `walls`                          |
| `course`     | nbgrader's files and gradebook                 | `assignment`                     |
| `assignment` | plans and submissions as text; nothing runs    | of `inside`: `messages`          |
| `inside`     | all of ours that a sandbox shows               | `mlpkit.checks` alone            |

Beside them lie `errors`, `results` (what comes of grading), `clean` (what people may be shown) and
`drawing` (which drawings).
`tests/test_imports.py` holds the same table and reads every import.

What attacks taught
-------------------

Each rule has a test that fails without it:

- A name is the student's only if a solution or given cell of the plan defines it, and only after
  builtins: `test_own_names_come_before_builtins_and_these_before_the_students`.
- All visible parts run before the first hidden one, so nothing that is shown repeats a hidden
  input: `test_no_hidden_part_runs_before_a_visible_one`.
- A function does not fail for another:
  `test_nobody_fails_for_what_another_function_left_behind`.
- Arguments are copies: `test_a_call_carries_the_grad_mode_and_copies`.
- What a test hands over carries no answer: `test_a_callable_that_may_carry_an_answer_is_refused`,
  `test_docstring_names_and_file_stay_behind`.
- Bytes from a student are data or refused, at no cost: `test_forged_bytes_are_refused_at_no_cost`,
  `test_parts_are_counted_before_they_take_room`; who sends them one by one gains no time:
  `test_a_trickle_does_not_outlast_the_wait`.
- A stub passes for no error that a test expects: `test_no_stub_passes_for_a_runtime_error`.
- No test can swallow its process's end: `test_a_test_cannot_swallow_that_the_process_failed`.
- A student's process has no descriptor, no variable and no file that is not on a list:
  `test_descriptors_lead_to_nothing_but_the_checker`, `test_the_files_are_the_list`,
  `test_nothing_of_the_users_environment_is_passed_on`.
- It cannot import answers: `test_what_exercises_may_import_holds_no_answers`.
- Each wall is needed: `test_a_wall_taken_out_lets_its_attack_through`; where processes cannot be
  limited, it is not graded: `test_bubblewrap_is_refused_where_it_cannot_limit_processes`.
- A checker that dies is never a pass: `test_a_checker_that_dies_is_for_review_and_never_a_pass`.
- A value is taken once, before any call: `test_a_value_is_taken_once_before_any_call`, or not at
  all: `test_a_value_that_cannot_be_taken_is_not_asked_for_later`. A second try is fresh, and counts
  only where there was no answer: `second_answer` and `second_letter` in `tests/hostile/`,
  `test_no_answer_in_a_second_try_leaves_the_first_one`,
  `test_a_second_try_gives_points_for_what_got_no_answer_and_changes_nothing_else`.
- CPU time counts though nobody waits for a child:
  `test_cpu_time_counts_of_children_that_nobody_waits_for`; memory though a first thread has ended:
  `test_memory_counts_of_a_process_whose_first_thread_has_ended`; what lies in sockets is memory:
  `test_what_sockets_may_hold_is_memory`, and each has one sender: `test_kinds_of_sockets`.
- What is kept of a submission has a size in memory, not only as text:
  `test_outputs_of_many_parts_take_more_room_than_they_are_long`,
  `test_of_a_large_notebook_is_kept_what_counts`.
- Of what the kernel counts over all submissions, such as descriptors on their way, honest work
  needs none: `descriptors_on_their_way` in `tests/hostile/`.
- System calls are a list: `test_calls_on_neither_list_do_not_exist`;
  who judges is walled too: `test_who_judges_has_no_rights_and_no_network`.
- A submission is a regular file, reached through no link: `unreadable_*` in `tests/hostile/`.
- Nothing but parked processes is there when these get hidden lines; nothing of them shows, and a
  forged number is bounded: `snoop`, `bomb`, `leak` and `forges` in `tests/hostile/inside/`. All
  stand still before any is killed:
  `test_all_stand_still_before_any_is_killed_and_the_kept_go_on`.
- Which way a cell is judged is found by reference and stub:
  `test_each_is_judged_in_the_way_it_has_to_be`.
- What people open can run and load nothing: `test_nothing_in_a_page_can_run_or_load`, nbgrader's
  own pages included: `test_what_people_open_runs_and_loads_nothing`; nor does it take long:
  `test_a_drawing_that_may_take_long_is_refused`.
- Nothing of one student ends a run: `tests/mlpgrader/test_each_row.py`, a test for each step.
- Nobody gets another's hand-in by a name of one's own choice:
  `test_nobody_takes_a_hand_in_by_a_name_like_a_number_of_moodles`.
- No link leads out of a submission: `test_nothing_comes_in_by_a_link`.
- No text takes longer than its size says: `test_time_grows_no_faster_than_the_text`.
- What is said of a known mistake tells nothing hidden:
  `test_no_word_tells_a_hidden_input_or_value`; none is named by chance:
  `test_answers_that_say_little_name_nothing`; any answer leaves a small outline:
  `test_any_answer_leaves_little`.
- And all of it at once, for each submission of `tests/hostile/`:
  `test_each_gets_what_its_honest_part_is_worth`, `test_nothing_hidden_shows_and_no_wall_gave_way`,
  `test_what_each_file_asks_for`, `test_nobody_ends_a_run`, `test_no_file_changes`.
"""
