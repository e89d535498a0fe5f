"""A public hotline's call centre: callers wait, operators answer, nothing is lost."""

__version__ = "0.1.0"
