"""What a demo server is to do wrong, and when: faults as rows of a table.

A `Script` holds the rows; the server asks it at every point of the dialogue whether one applies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from nurture.core.words import Word


class Do(Word):
    """What happens instead of the proper answer."""

    SAY = "say", "Answers with `answer`. Below 400 everything goes on as if nothing had happened."
    DROP = "drop", "Closes the connection without an answer."
    HALF = "half", "Sends the first characters of the proper answer and closes the connection."
    GARBLE = "garble", "Sends `answer` as it stands, proper or not, and goes on."
    HANG = "hang", "Says nothing for `seconds`, then closes the connection."
    SLOW = "slow", "Gives the proper answer after `seconds`."
    FLOOD = "flood", "Gives the proper answer's code in three thousand lines."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row: at this point (``CONNECT``, a command's name, ``BODY``, ``DOT``) do this.

    `about` narrows it to recipients (SMTP) or arguments (IMAP) that match the pattern, as in ``*@slow.example``.
    `skip` lets so many proper ones pass first, `times` ends it after so many. `accept`: at the dot the message is
    recorded first, so the sender is left in doubt. `octets`: in a body or a literal, so much of it passes first.
    """

    at: str
    do: Do
    answer: str = "451 4.3.0 not now"
    about: str = "*"
    skip: int = 0
    times: int | None = None
    accept: bool = False
    seconds: float = 3600.0
    octets: int = 0


class Script:
    """The faults of one server, and how often each has struck. More can be added while it runs."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults: list[Fault] = list(faults)
        self._met: dict[int, int] = {}

    def add(self, fault: Fault) -> None:
        """Let this happen too; rows added earlier go first."""
        self._faults.append(fault)

    def clear(self) -> None:
        """From now on everything is in order."""
        self._faults.clear()
        self._met.clear()

    def next(self, at: str, about: str = "") -> Fault | None:
        """The fault for this point, if there is one; it counts as struck."""
        for row, fault in enumerate(self._faults):
            if fault.at != at or not fnmatchcase(about, fault.about):
                continue
            met = self._met[row] = self._met.get(row, 0) + 1
            if met > fault.skip and (fault.times is None or met <= fault.skip + fault.times):
                return fault
        return None
