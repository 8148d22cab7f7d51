"""Why something was or was not sent to a lead, what comes next and when: in plain sentences (`nurture lead why`).

Told from what is stored: the trace, the runs, the outbox, suppressions and pauses. Times are on the lead's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from nurture.core.enrolment import Enrolment
from nurture.core.gates import Gate
from nurture.core.graph import Email, Graph, MakeTask, Node, Repeat, WaitFor
from nurture.core.place import Place
from nurture.store.queries import bells, cases, consents, events, messages, traces
from nurture.store.queries.cases import OwnerOf, PlaceOf
from nurture.store.rows import fields_of

_HOLDS: Final = {
    "colleague": "a colleague has to deal with what the lead wrote first",
    "paused": "sending is paused",
    "loop": "its steps turned in a circle; a task says where",
}
_STATES: Final = {
    "queued": "waits to be handed over",
    "claimed": "is being prepared",
    "handing_over": "is being handed over at this moment",
    "sent": "was sent",
    "deferred": "was put off by the mail server and is tried again",
    "failed": "was refused by the mail server for good",
    "in_doubt": "may or may not have reached the mail server; it is not sent again by itself",
    "withdrawn": "was taken back",
    "held": "is held back",
}


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to say: `now` how the lead stands, `next` what comes, `past` what happened, oldest first."""

    now: tuple[str, ...]
    next: tuple[str, ...]
    past: tuple[str, ...]

    def as_json(self) -> dict[str, list[str]]:
        """As `nurture lead why --json` shows it."""
        return {"now": list(self.now), "next": list(self.next), "past": list(self.past)}


async def account_of(
    conn: AsyncConnection,
    lead: Mapping[str, Any],
    *,
    score: int,
    graphs: Mapping[str, Graph],
    place_of: PlaceOf,
    owner_of: OwnerOf,
    secret: str,
) -> Account:
    """The account of one lead. `graphs` are the campaigns as they run now."""
    lead_id = lead["id"]
    loaded = await cases.load_cases(
        conn,
        [lead_id],
        listens=frozenset(),
        place_of=place_of,
        owner_of=owner_of,
        hash_of=lambda _address: "",
        company={},
    )
    place = place_of(fields_of(lead))
    lines = await traces.of_lead(conn, lead_id)
    runs = list(loaded[lead_id].runs.values())
    stands = await consents.standing(conn, lead_id, secret)
    return Account(
        now=tuple(_stands(lead, score, stands.reason, await bells.paused(conn), place)),
        next=tuple(_next(lead, runs, graphs, lines, place, ended=stands.reason is not None)),
        past=tuple(
            _past(
                await events.of_lead(conn, lead_id),
                await messages.listed(conn, lead_id=lead_id),
                runs,
                lines,
                place,
            )
        ),
    )


def _said(at: datetime, place: Place) -> str:
    return f"{place.to_local(at):%a %Y-%m-%d %H:%M}"


# -- now ----------------------------------------------------------------------------------------------------------


def _stands(
    lead: Mapping[str, Any], score: int, ended: str | None, paused: Mapping[str, str], place: Place
) -> list[str]:
    name = lead["name"] or lead["email"] or f"Lead {lead['id']}"
    owner = f" {lead['owner']} is responsible." if lead["owner"] else ""
    points = "1 point" if score == 1 else f"{score} points"
    said = [f"{name} is {lead['stage']}, {lead['temperature']}, with {points}.{owner}"]
    if lead["postponed_until"] is not None and lead["stage"] == "postponed":
        said.append(f"Postponed until {_said(lead['postponed_until'], place)}.")
    if ended is not None:
        said.append(f"Nothing is sent any more: {ended}.")
    elif not lead["email"]:
        said.append("There is no email address, so nothing can be sent.")
    if lead["absent_until"] is not None:
        said.append(f"Away until {_said(lead['absent_until'], place)}: emails wait for that.")
    if "everything" in paused:
        said.append(f"All sending is paused{_because(paused['everything'])}.")
    return said


def _because(why: str) -> str:
    return f" ({why})" if why else ""


# -- next ---------------------------------------------------------------------------------------------------------


def _next(
    lead: Mapping[str, Any],
    runs: Sequence[Enrolment],
    graphs: Mapping[str, Graph],
    lines: Sequence[Mapping[str, Any]],
    place: Place,
    *,
    ended: bool,
) -> list[str]:
    said = []
    for run in runs:
        if not run.is_open:
            continue
        graph = graphs.get(run.campaign)
        node = graph.nodes.get(run.step or "") if graph is not None else None
        said.append(_comes(run, node, place))
        why = next(
            (
                line
                for line in reversed(lines)
                if line["run"] == run.run and line["step"] == run.step and line["text"]
            ),
            None,
        )
        if why is not None:
            said.append(f"  Not earlier, because: {_word(why)}.")
    if not said:
        said.append("Nothing: the lead is in no campaign." if not ended else "Nothing.")
    return said


def _comes(run: Enrolment, node: Node | None, place: Place) -> str:
    if run.hold is not None:
        why = _HOLDS.get(run.hold.word, run.hold.word)
        until = f" until {_said(run.hold.until, place)} at the latest" if run.hold.until else ""
        return f"{run.campaign}: rests before the step {run.step}{until}, since {why}."
    when = f" on {_said(run.due_at, place)}" if run.due_at is not None else ""
    return f"{run.campaign}: {_doing(run, node, when)}."


def _doing(run: Enrolment, node: Node | None, when: str) -> str:
    match node.verb if node is not None else None:
        case Email(templates=templates):
            which = templates[0] if len(templates) == 1 else "one of " + ", ".join(templates)
            return f"the email {which} is due{when} (step {run.step})"
        case WaitFor(events=awaited) if run.waiting:
            names = " or ".join(one.event for one in awaited)
            patience = f", and goes on without it{when}" if when else ""
            return f"waits for {names}{patience} (step {run.step})"
        case MakeTask() if run.waiting:
            patience = f", and goes on without it{when}" if when else ""
            return f"waits for the outcome of a task{patience} (step {run.step})"
        case Repeat():
            return f"the next round of {run.step} begins{when}"
        case _:
            return f"goes on with the step {run.step}{when}"


# -- past ---------------------------------------------------------------------------------------------------------


def _past(
    happened: Sequence[Mapping[str, Any]],
    sent: Sequence[Mapping[str, Any]],
    runs: Sequence[Enrolment],
    lines: Sequence[Mapping[str, Any]],
    place: Place,
) -> list[str]:
    told: list[tuple[datetime, int, str]] = []
    for event in happened:
        if not event["type"].startswith(("campaign.", "email.sent")):
            detail = _detail(event["data"])
            told.append((event["learned_at"], 0, f"{event['type']}{detail}"))
    for run in runs:
        told.append((run.entered_at, 1, f"entered {run.campaign}"))
        if run.ended_at is not None:
            told.append((run.ended_at, 4, f"left {run.campaign}: {run.why or run.state}"))
    for line in lines:
        told.append((line["at"], 2, f"{line['run'].partition('/')[0]}, {_step(line['step'])}{_word(line)}"))
    for message in sent:
        at = message["sent_at"] or message["planned_at"]
        why = f" ({message['why']})" if message["why"] else ""
        told.append((at, 3, f"the email {message['template']} {_STATES[message['state']]}{why}"))
    told.sort(key=lambda one: (one[0], one[1]))
    return [f"{_said(at, place)}  {text}" for at, _, text in told]


def _detail(data: Mapping[str, Any]) -> str:
    shown = ("report", "webinar", "form", "survey", "reason", "from", "to", "until", "by", "text")
    found = [f"{name} {str(data[name])[:80]}" for name in shown if data.get(name)]
    return f" ({', '.join(found)})" if found else ""


def _step(step: str) -> str:
    return "" if not step or step.startswith("#") else f"step {step}: "


def _word(line: Mapping[str, Any]) -> str:
    gates = {str(gate): gate.sentence for gate in Gate}
    return str(line["text"] or gates.get(line["word"], line["word"])).rstrip(".")
