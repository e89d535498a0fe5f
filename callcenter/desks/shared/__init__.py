"""What every desk uses. The rules do no I/O, and time is an argument."""
