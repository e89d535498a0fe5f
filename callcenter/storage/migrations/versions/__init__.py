"""One numbered file for each step. Each file names the step before it."""
