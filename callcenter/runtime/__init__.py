"""Runs the engine: the inbox, the pump that steps it, the journal and the clock."""
