"""The message of the day: what callers hear about a matter for which many call at once."""
