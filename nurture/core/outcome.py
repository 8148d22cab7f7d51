"""What an effect changes in a person's snapshot: `core/case.py` and reactions see what the steps before them did."""

from __future__ import annotations

from nurture.core.effects import (
    AddTag,
    ChangeStage,
    Effect,
    GivePoints,
    RemoveTag,
    SendEmail,
    SetField,
    Suppress,
)
from nurture.core.person import Mail, Person


def carry_out(person: Person, effect: Effect) -> None:
    """Change the snapshot as the effect says. Effects that are about others change nothing here."""
    match effect:
        case SendEmail():
            person.mails = (*person.mails, mail_of(effect))
        case ChangeStage():
            person.stage = effect.to
            person.postponed_until = effect.until if effect.to == "postponed" else None
            if effect.to == "nurturing":
                person.mql_fired = False
        case GivePoints():
            person.score_now += effect.points
        case SetField():
            person.fields = {**person.fields, effect.name: effect.value}
        case AddTag():
            person.tags = person.tags | {effect.tag}
        case RemoveTag():
            person.tags = person.tags - {effect.tag}
        case Suppress():
            person.suppressed = True
        case _:
            pass


def mail_of(effect: SendEmail) -> Mail:
    """The mail a queued email is to later decisions."""
    return Mail(
        run=effect.run,
        campaign=effect.campaign,
        step=effect.step,
        template=effect.template,
        planned_at=effect.at,
        occasion=effect.occasion,
        occurrence=effect.occurrence,
        service=effect.service is not None,
    )
