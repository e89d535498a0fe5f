"""What the parts need of each other, as types and protocols. This package does nothing itself."""
