"""One file a step, numbered; each names the one before it."""
