"""A public hotline's call centre: callers wait, operators answer, nothing is lost."""
