"""What ``make bench`` measures: training, grading and the book, each beside its reference."""
