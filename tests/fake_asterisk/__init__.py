"""A fake Asterisk: the same ARI with the real one's defects, in virtual time."""
