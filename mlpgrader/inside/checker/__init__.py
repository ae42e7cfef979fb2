"""The checker's side: it runs the test cells, and never a line of a student's."""
