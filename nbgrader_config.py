"""nbgrader's settings for this course: its folders and how it treats odd submissions."""

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "mlp"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# a tag that a student sets on a cell must not keep the cell from running
c.Execute.skip_cells_with_tag = ""
# a test cell that a student deleted comes back, and is graded
c.OverwriteCells.add_missing_cells = True

# student code runs in a sandbox, in `nbgrader autograde` and under formgrader's Autograde button
c.Autograde.autograde_preprocessors = [
    "mlpgrader.preprocessor.SandboxedExecute",  # in place of nbgrader's Execute
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
