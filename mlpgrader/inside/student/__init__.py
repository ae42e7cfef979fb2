"""The student's side: it runs the student's cells, and nothing it says is believed."""
