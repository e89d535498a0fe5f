"""The history of the tables. `storage/migrate.py` runs it; each step is a file in `versions/`."""
