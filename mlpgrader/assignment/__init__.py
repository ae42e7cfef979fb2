"""What a set asks and what a submission answers: read as text, nothing of it is run."""
