"""The student's side: nothing it says is believed."""
