"""What can be said of the containers without an engine; the rest is `make docker-check`."""
