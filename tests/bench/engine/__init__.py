"""The engine alone: no sockets, virtual time. `make bench-engine` prints what it can do."""
