"""What Alembic runs for each command: the migrations, on the connection that `migrate.py` gives.

The transaction belongs to the caller. The catalogue gives the names of constraints. This module
never opens a connection of its own.
"""

from alembic import context

from callcenter.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
