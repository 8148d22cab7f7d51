"""The one exception tree. A class's docstring is its message when none is given."""

from __future__ import annotations


class NurtureError(Exception):
    """Something went wrong in nurture."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class GrammarError(NurtureError, ValueError):
    """A text an author wrote (a duration, a point in time, a window …) cannot be read.

    `hint` is what would be right, where one can be guessed.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(NurtureError):
    """The command cannot be carried out as it was given. (exit code 2)"""


class OutsideError(NurtureError):
    """The outside world failed: no database, no relay, no mailbox. (exit code 4)"""


class DatabaseNewer(OutsideError):
    """The database was made by a newer nurture. Install that version, or restore a backup made by this one."""


class StoreBusy(OutsideError):
    """Another daemon is running on this database file."""


class IllegalTransition(NurtureError):
    """A life-cycle was asked for a step its table does not have."""
