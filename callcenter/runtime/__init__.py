"""One bounded inbox, one task and one timer own the engine."""
