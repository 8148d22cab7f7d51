"""Mail that came in is looked up by state, time and sender; addresses by their domain."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DOMAIN = {
    "sqlite": "substr(value, instr(value, '@') + 1)",
    "postgresql": "substr(value, strpos(value, '@') + 1)",
}


def upgrade() -> None:
    """To this version."""
    op.add_column("address", sa.Column("domain", sa.String(), nullable=True))
    domain = _DOMAIN[op.get_bind().dialect.name]
    op.execute(f"UPDATE address SET domain = {domain} WHERE kind = 'email' AND value LIKE '%@%'")
    op.create_index("ix_address_domain", "address", ["domain"], **_only("domain IS NOT NULL"))
    op.add_column("received", sa.Column("sender", sa.String(), nullable=True))
    op.create_index("ix_received_waiting", "received", ["id"], **_only("state = 'new'"))
    op.create_index("ix_received_state", "received", ["state", "id"], **_only("state NOT IN ('new', 'done')"))
    op.create_index("ix_received_sender", "received", ["sender", "handled_at"], **_only("sender IS NOT NULL"))
    op.create_index("ix_received_received_at", "received", ["received_at"])


def downgrade() -> None:
    """Back to the version before."""
    for name in ("received_at", "sender", "state", "waiting"):
        op.drop_index(f"ix_received_{name}", "received")
    op.drop_column("received", "sender")
    op.drop_index("ix_address_domain", "address")
    op.drop_column("address", "domain")


def _only(rows: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)}
