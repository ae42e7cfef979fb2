"""nbgrader's files and database: the folders of a course, its gradebook, its releases."""
