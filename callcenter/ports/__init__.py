"""What the parts need of each other, as types and protocols. Nothing here does anything."""
