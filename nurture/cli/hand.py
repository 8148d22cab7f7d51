"""Who works at the shell: named in the audit."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.services.by_hand import Hand
    from nurture.wiring import Records


def hand_of(records: Records) -> Hand:
    """The user of the shell, now."""
    from nurture.services.by_hand import Hand

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return Hand(f"{user} (command line)", records.clock.now(), records.secret)
