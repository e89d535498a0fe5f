"""People and programs ask over HTTP; nothing is decided here."""
