"""Alembic runs this for every command; `nurture.store.migrate` hands over the connection."""

from __future__ import annotations

from alembic import context

from nurture.store.tables import Row


def run() -> None:
    """Migrate on the connection in the configuration's attributes."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Row.metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
