"""The recordings that callers hear, for administrators: listed, heard, uploaded, checked."""
