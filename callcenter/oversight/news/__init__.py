"""The message of the day: what callers hear on a matter for which many call at once."""
