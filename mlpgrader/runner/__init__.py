"""The instructor's process: takes submissions, has them judged by workers, keeps the results."""
