"""One queued message becomes the bytes that are sent: template, person, links, footer, headers.

Made once (architecture.md, Sending 2): the caller keeps the bytes, a retry sends the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from mimetypes import guess_type
from typing import Any

from nurture.core.tokens import Purpose, plus_address, sign
from nurture.core.verbs import arm_of
from nurture.mail.compose import Attachment, compose
from nurture.mail.footer import footer
from nurture.mail.headers import (
    Head,
    Mailbox,
    Unsubscribe,
    feedback_id,
    list_id,
    message_id,
    references_after,
)
from nurture.mail.invite import read_invitation, write_invitation
from nurture.mail.layout import Layout
from nurture.mail.problems import TemplateFault
from nurture.mail.render import render
from nurture.mail.template import Template, TemplateSet
from nurture.store.queries.links import hash_of


@dataclass(frozen=True, slots=True)
class House:
    """Who we are in every letter. `reply_to` is the mailbox answers are read from; `url` where our public pages are.

    `values` is the company as templates see it; `read_file` gives the bytes of a file in `attachments/`.
    """

    sender: Mailbox
    reply_to: str
    postal_address: str
    url: str
    secret: bytes
    values: Mapping[str, Any] = field(default_factory=dict)
    surveys: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    track_clicks: bool = True
    language: str = "en"
    read_file: Callable[[str], bytes | None] = lambda _name: None

    @property
    def domain(self) -> str:
        """The domain our mail comes from."""
        return self.sender.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter goes to: the lead's fields with stage and score, the owner, the zone's name and language.

    `seed` fixes the arm of a subject's experiment.
    """

    lead_id: int
    fields: Mapping[str, Any]
    owner: Mapping[str, Any]
    zone: str
    language: str
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: a message's row as far as the letter needs it. `now` is when it is made."""

    id: int
    campaign: str
    step: str
    template: str
    run: str
    service: bool
    sender: str
    values: Mapping[str, Any]
    now: datetime
    thread: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """The finished letter. `links` are the targets clicks may lead to; `envelope_from` is where bounces go."""

    raw: bytes
    message_id: str
    recipient: str
    envelope_from: str
    subject: str
    locale: str | None
    links: tuple[str, ...]
    references: tuple[str, ...]
    html: str
    text: str


def write_letter(
    order: Order, addressee: Addressee, house: House, templates: TemplateSet, layout: Layout
) -> Letter:
    """The letter. Raises TemplateFault, HeaderInjection or BadAddress when it cannot be made for this person."""
    template = templates.pick(order.template, addressee.language, order.language)
    if template is None:
        raise TemplateFault(f"There is no template {order.template}.")
    links = links_for(order, addressee.lead_id, house)
    values = {
        "lead": addressee.fields,
        "owner": addressee.owner,
        "entry": order.values.get("entry", {}),
        "event": order.values.get("event", {}),
        "company": house.values,
        "now": order.now,
        **links,
    }
    language = template.locale or order.language
    foot = footer(
        language,
        company=str(house.values.get("name") or house.sender.name),
        address=house.postal_address,
        unsubscribe=links["unsubscribe"],
    )
    made = render(
        template,
        values,
        layout,
        footer=foot,
        language=language,
        zone=addressee.zone,
        arm=_arm(template, addressee.seed),
        track=_tracker(order, house) if house.track_clicks else None,
    )
    sender = sender_of(template.front.sender or order.sender, addressee, house)
    to = Mailbox(str(addressee.fields["email"]), str(addressee.fields.get("name") or ""))
    token = sign(Purpose.REPLY, str(order.id), house.secret)
    answers = plus_address(house.reply_to, token)
    identity = message_id(sign(Purpose.MESSAGE, str(order.id), house.secret), house.domain)
    references = references_after(order.thread[-1], order.thread[:-1]) if order.thread else ()
    head = Head(
        message_id=identity,
        at=order.now,
        sender=sender,
        to=to,
        subject=made.subject,
        reply_to=Mailbox(answers, sender.name),
        references=references,
        unsubscribe=Unsubscribe(links["unsubscribe"], answers),
        list_id=list_id(order.campaign, house.domain),
        feedback_id=feedback_id(order.campaign, order.step, "nurture", house.domain),
        bulk=not order.service,
    )
    calendar = None
    if made.invite is not None:
        invitation = read_invitation(made.invite, addressee.zone)
        calendar = write_invitation(
            invitation,
            uid=f"{sign(Purpose.MESSAGE, f'invite.{order.id}', house.secret)}@{house.domain}",
            organizer=Mailbox(answers, sender.name),
            attendee=to,
            now=order.now,
        )
    files = tuple(attached(name, house) for name in template.front.attach)
    raw = compose(head, made.text, made.html, calendar=calendar, attachments=files)
    return Letter(
        raw=raw,
        message_id=identity,
        recipient=to.address,
        envelope_from=answers,
        subject=made.subject,
        locale=template.locale,
        links=made.links if house.track_clicks else (),
        references=references,
        html=made.html,
        text=made.text,
    )


def sender_of(wanted: str, addressee: Addressee, house: House) -> Mailbox:
    """The responsible colleague where `owner` is wanted and there is one, else the company."""
    address = addressee.owner.get("email")
    if wanted != "owner" or not address:
        return house.sender
    return Mailbox(str(address), str(addressee.owner.get("name") or ""))


def attached(name: str, house: House) -> Attachment:
    """A file of the project's folder `attachments/`. Raises TemplateFault when there is none of that name."""
    content = house.read_file(name)
    if content is None:
        raise TemplateFault(f"There is no file attachments/{name}.")
    return Attachment(name, content, guess_type(name)[0] or "application/octet-stream")


def links_for(order: Order, lead_id: int, house: House) -> dict[str, Any]:
    """The links a template knows by name, signed for this person."""

    def link(path: str, purpose: Purpose, identity: str) -> str:
        return f"{house.url}/{path}/{sign(purpose, identity, house.secret)}"

    return {
        "unsubscribe": link("u", Purpose.UNSUBSCRIBE, str(lead_id)),
        "preferences": link("p", Purpose.PREFERENCES, str(lead_id)),
        "confirm": link("v", Purpose.CONFIRM, str(lead_id)),
        "survey": {name: link("s", Purpose.SURVEY, f"{order.id}.{name}") for name in house.surveys},
        "form": {name: f"{house.url}/f/{name}" for name in house.forms},
    }


def _arm(template: Template, seed: str) -> str | None:
    """The subject of an experiment that is this person's for good."""
    subjects = sorted(template.front.subjects)
    if len(subjects) < 2:
        return None
    return arm_of(tuple((name, 1, None) for name in subjects), seed, f"subject/{template.name}")[0]


def _tracker(order: Order, house: House) -> Callable[[str], str]:
    def track(url: str) -> str:
        return f"{house.url}/c/{sign(Purpose.CLICK, f'{order.id}.{hash_of(url)}', house.secret)}"

    return track
