"""Personal data: exported for a person who asks for it, and removed in time."""
