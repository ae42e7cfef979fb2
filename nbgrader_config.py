"""nbgrader's settings for this course: its folders and how it treats odd submissions."""

from importlib.metadata import version

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "mlp"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# sources are kept without outputs, so that a change of an exercise reads as a change
c.Mlpgrader.canonical = True

# a tag that a student sets on a cell must not keep the cell from running
c.Execute.skip_cells_with_tag = ""
# a test cell that a student deleted comes back, and is graded
c.OverwriteCells.add_missing_cells = True

# a value to be given has a stub that raises nothing, and the notebook tells its kernel what it asks
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "mlpgrader.course.student_version.Stubs",  # in place of nbgrader's ClearSolutions
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "mlpgrader.course.student_version.AddExercises",  # after all that is hidden has gone
    "mlpgrader.course.student_version.Stamp",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# `mlpkit start` and `check` say when a student's copy is of an older release
c.Stamp.release = version("mlpkit")

# SandboxedExecute reads itself what was handed in. nbgrader's own steps before it would end the
# run for the whole class where one notebook has metadata of an older nbgrader
c.Autograde.sanitize_preprocessors = []
# student code runs in a sandbox, in `nbgrader autograde` and under formgrader's Autograde button
c.Autograde.autograde_preprocessors = [
    "mlpgrader.preprocessor.SandboxedExecute",  # in place of nbgrader's Execute
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "mlpgrader.preprocessor.SaveVerdicts",  # in place of nbgrader's SaveAutoGrades
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# formgrader's Generate Feedback button makes the pages that show no hidden test
c.GenerateFeedback.exporter_class = "mlpgrader.exporter.FeedbackExporter"
