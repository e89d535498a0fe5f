"""The adapter to Asterisk: the only package that speaks ARI."""
