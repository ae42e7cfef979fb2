"""What people read: the table, the pages of feedback, the exports."""
