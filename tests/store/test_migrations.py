"""A migrated database equals a new one; a newer one is refused; what is there survives."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from nurture.core.errors import DatabaseNewer
from nurture.store.engine import Store
from nurture.store.migrate import secret_of, standing, upgrade
from nurture.store.tables import Row
from tests.conftest import NOW


async def test_a_migrated_database_equals_a_new_one(store: Store) -> None:
    async with store.read() as conn:
        difference = await conn.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True}), Row.metadata
            )
        )
    assert difference == []


async def test_it_stands_at_the_head_and_upgrading_again_keeps_the_secret(store: Store) -> None:
    assert (await standing(store)).current
    secret = await secret_of(store)
    await upgrade(store, NOW)
    assert await secret_of(store) == secret
    assert len(bytes.fromhex(secret)) == 32


async def test_a_database_newer_than_the_program_is_refused(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="newer nurture"):
        await upgrade(store, NOW)
