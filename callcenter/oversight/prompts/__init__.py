"""The recordings that callers hear, for administrators: list, play, upload and check them."""
