"""What a process of the student's may see, call and use up."""
