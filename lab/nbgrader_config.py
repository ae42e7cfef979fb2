"""What a student's JupyterLab does under *Validate*; `make lab` names this folder to Jupyter."""

from mlpkit._validate import hooks, patience

c = get_config()  # type: ignore[name-defined]  # noqa: F821 (nbgrader defines it)

# what fails is listed by exercise
c.Execute.on_notebook_start, c.Execute.on_cell_start = hooks()
c.Execute.timeout_func = patience
