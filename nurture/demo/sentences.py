"""What was seen, in a line for people. The sentences go on after a name: “Ada Whitmore registers for …”."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from nurture.core.words import Word
from nurture.mail.dates import write_date

_LONGEST: Final = 84
Data = Mapping[str, Any]


class Mark(Word):
    """What sort of thing was seen."""

    MAIL = "→", "An email went out."
    DEED = "◆", "Somebody did something: on our website, or in a webinar."
    REPLY = "←", "A mail came in and was read."
    STAGE = "★", "A lead came to another stage."
    TASK = "☎", "A colleague got something to do."
    TROUBLE = "!", "Something went wrong outside and was dealt with."
    SMALL = "·", "A trifle, which is only counted."


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence. `shared`: those who did the same on one day share a line."""

    mark: Mark
    text: str
    shared: bool = False


_STAGES: Final = {
    "mql": "is a marketing qualified lead: sales takes over",
    "sql": "is a sales qualified lead: budget, authority, need and timing are clear",
    "customer": "is a customer",
    "junk": "is no lead, but junk",
}
_KINDS: Final = {
    "auto_reply": "an absence note",
    "bounce": "a returned mail",
    "delay": "a notice of delay",
    "complaint": "a spam report",
    "unsubscribe": "an unsubscription",
    "receipt": "a receipt",
    "other": "an automatic mail",
}


def event(type: str, data: Data) -> Said | None:
    """What is said of an event; None where nobody need know."""
    known = _EVENTS.get(type)
    return known(data) if known is not None else None


def mail_read(verdict: Data, right: bool | None) -> str:
    """A mail that came in: its words, and what they were understood as."""
    kind, until = verdict["kind"], _day(verdict.get("until"))
    if kind != "reply":
        more = f", back on {until}" if kind == "auto_reply" and until else ""
        return f"{_KINDS.get(kind, kind)}{more}"
    if verdict.get("forwarded"):
        return f"passes our email on to a colleague  “{shortened(verdict['text'])}”"
    understood = str(verdict.get("intent")).replace("_", " ")
    details = ", ".join(one for one in (verdict.get("reason"), until) if one)
    understood += f" ({details})" if details else ""
    mark = {True: " ✓", False: " ✗", None: ""}[right]
    return f"{understood}{mark}  “{shortened(_own_words(verdict['text']))}”"


def task(row: Data) -> str:
    """A task for a colleague."""
    who = str(row["colleague"] or "").partition("@")[0].replace(".", " ").title() or "Sales"
    return f"{who} is to answer" if row["kind"] == "reply" else f"{who}: {shortened(row['text'])}"


def held_up(row: Data) -> str:
    """A mail the relay did not simply take."""
    if row["state"] == "in_doubt":
        return f"{row['template']}: the answer to the final dot got lost; not sent again, since it may have arrived"
    return f"{row['template']}: “{row['reply_text']}”; it is tried again"


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text on one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rsplit(" ", 1)[0] + "…"


def _own_words(text: str) -> str:
    """A reply without its greeting line, which says nothing."""
    first, _, rest = text.strip().partition("\n")
    return (
        rest.strip() if rest.strip() and len(first) < 40 and first.rstrip()[-1:] in (",", "!", ".") else text
    )


def _day(value: Any) -> str:
    if not value:
        return ""
    found = value if isinstance(value, date) else datetime.fromisoformat(str(value)).date()
    return write_date(found, "en", "short")


# -- events -------------------------------------------------------------------------------------------------------


def _stage(data: Data) -> Said | None:
    to, before = str(data.get("to")), data.get("from")
    if to == "nurturing" and before in ("refused", "postponed") and data.get("by") != "date":
        return Said(Mark.STAGE, "comes back")
    return Said(Mark.STAGE, _STAGES[to]) if to in _STAGES else None


def _survey(data: Data) -> Said:
    answers = data.get("answers") or {}
    said = [str(answers["reason"]).replace("_", " ")] if answers.get("reason") else []
    if answers.get("rating") is not None:
        said.append(f"{int(answers['rating'])} of 5")
    said += [f"ask again on {_day(answers['until'])}"] if answers.get("until") else []
    said += [f"{topic} welcome" for topic in ("greetings", "later") if answers.get(topic)]
    words = f" “{shortened(str(answers['words']), 60)}”" if answers.get("words") else ""
    return Said(Mark.DEED, f"answers the questionnaire {data.get('survey')}: {', '.join(said)}{words}")


def _bounced(data: Data) -> Said:
    how = "does not exist: no more mail goes there" if data.get("hard") else "could not be reached now"
    return Said(Mark.TROUBLE, f"the mailbox {data.get('address')} {how}")


def _postponed(data: Data) -> Said:
    reason = f" ({data['reason']})" if data.get("reason") not in (None, "", "later") else ""
    return Said(Mark.STAGE, f"is left in peace until {_day(data.get('until'))}{reason}")


def _refused(data: Data) -> Said:
    return Said(
        Mark.STAGE,
        f"refuses ({data.get('reason') or 'no reason'}): kept as refused, a farewell letter will go",
    )


def _resumed(data: Data) -> Said | None:
    return Said(Mark.STAGE, "the date agreed has come", True) if data.get("by") == "date" else None


def _form(data: Data) -> Said | None:
    return Said(Mark.DEED, "comes by recommendation") if data.get("form") == "referral" else None


def _plain(mark: Mark, text: str, *, shared: bool = False) -> Callable[[Data], Said]:
    return lambda data: Said(mark, text.format_map({"report": "", **data}), shared)


_EVENTS: Final[Mapping[str, Callable[[Data], Said | None]]] = {
    "report.downloaded": _plain(Mark.DEED, "asks for the report “{report}”", shared=True),
    "webinar.registered": lambda data: Said(
        Mark.DEED, f"registers for the webinar of {_day(data.get('starts_at'))}", True
    ),
    "webinar.attended": _plain(Mark.DEED, "comes to the webinar", shared=True),
    "webinar.missed": _plain(Mark.DEED, "does not come to the webinar", shared=True),
    "callback.requested": _plain(Mark.DEED, "asks to be called"),
    "survey.answered": _survey,
    "unsubscribed": _plain(Mark.STAGE, "unsubscribes: nothing is ever sent again"),
    "email.complained": _plain(Mark.STAGE, "called our mail spam: nothing is ever sent again"),
    "email.bounced": _bounced,
    "lead.stage_changed": _stage,
    "lead.refused": _refused,
    "lead.postponed": _postponed,
    "lead.resumed": _resumed,
    "score.hot": lambda data: Said(Mark.STAGE, f"is hot, with {int(data.get('score') or 0)} points"),
    "form.submitted": _form,
    "email.clicked": _plain(Mark.SMALL, "click"),
    "page.viewed": _plain(Mark.SMALL, "page view"),
}
