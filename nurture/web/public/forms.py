"""`/f/<form>`: the capture forms of config.yaml. Stands alone, or in another site's page with `?embed=1`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nurture.core.address import email_key, phone_key
from nurture.core.errors import OutsideError
from nurture.language.config_forms import Form
from nurture.language.config_values import LangText
from nurture.services.capture import Agreed, Submission, TaskAsked, capture
from nurture.services.verify import suggestion
from nurture.store.types import dump_json
from nurture.web.inputs import Answers, Ask, Wrong, as_kind, read_answers
from nurture.web.limits import Counter
from nurture.web.office import Office
from nurture.web.questions import of_form
from nurture.web.render import office_in, page, thank, tongue_for
from nurture.web.sent import fields_of
from nurture.web.stamp import make_stamp, read_stamp
from nurture.web.visit import address_of, host_of, network_of, source_of, traces_of
from nurture.web.words import Tongue, languages_of

STAMP, TRAP, SURE, CAME_FROM = "_stamp", "_homepage", "_sure", "_from"
"""Fields of our own: when the page was made, what only robots fill in, an address that is right as it is, the page
before."""

HASTE: Final = timedelta(seconds=2)
"""Nobody fills in a form faster."""

_HIDDEN_ONLY: Final = frozenset({"owner", "source"})
_NEVER: Final = frozenset(
    {"stage", "temperature", "score", "consent", "tags", "created_at", "postponed_until", "refused_at"}
    | {"refusal_reason"}
)
"""Fields of a lead no visitor sets."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One form, for one visitor."""

    name: str
    form: Form
    office: Office
    tongue: Tongue
    languages: tuple[str, ...]
    asks: tuple[Ask, ...]


async def form_page(request: Request) -> Response:
    """GET and POST."""
    shown = _shown(request)
    if request.method != "POST":
        return _blank(request, shown)
    sent = await fields_of(request)
    asks = (*shown.asks, *_boxes(shown))
    found = read_answers(asks, _with_short_names(shown, sent), shown.office.place, shown.office.clock.now())
    _look_closer(found, sent)
    _reachable(shown, found)
    if found.wrong:
        return _again(request, shown, sent, found, "check_marked", 422)
    if not _within_limits(request, shown, sent, found):
        return _again(request, shown, sent, found, "too_often", 429)
    now = shown.office.clock.now()
    submission = _submission(request, shown, sent, found, now)
    try:
        await capture(shown.office.store, submission, now=now, secret=shown.office.key)
    except OutsideError:
        return _again(request, shown, sent, found, "not_saved", 503)
    shown.office.wake()
    return _thanks(request, shown)


def _shown(request: Request) -> Shown:
    office, name = office_in(request), request.path_params["form"]
    form = office.forms.get(name)
    if form is None:
        raise HTTPException(404)
    texts: list[LangText | None] = [form.title, form.intro, form.button, form.thanks]
    texts += [field.label for field in form.fields] + [asked.wording for asked in form.consent]
    languages = languages_of(texts, office.languages)
    tongue = tongue_for(request, languages)
    return Shown(name, form, office, tongue, languages, of_form(form, office, tongue))


# -- what was sent ------------------------------------------------------------------------------------------------


def _boxes(shown: Shown) -> tuple[Ask, ...]:
    """The boxes for consent, as questions; their names cannot be those of fields."""
    return tuple(
        Ask(f"consent:{asked.topic}", "checkbox", shown.tongue.of(asked.wording), asked.required)
        for asked in shown.form.consent
    )


def _with_short_names(shown: Shown, sent: dict[str, str]) -> dict[str, str]:
    """A page of the marketer's own may say `consent` where the form asks for one only."""
    if len(shown.form.consent) == 1 and "consent" in sent:
        return {f"consent:{shown.form.consent[0].topic}": sent["consent"], **sent}
    return sent


def _look_closer(found: Answers, sent: dict[str, str]) -> None:
    """What fits by its form and still may be a slip: asked about once, then taken as it is."""
    email = found.values.get("email")
    if not isinstance(email, str) or sent.get(SURE) == email:
        return
    meant = suggestion(email)
    if meant is not None:
        found.wrong["email"] = Wrong("meant_email", address=meant)


def _reachable(shown: Shown, found: Answers) -> None:
    """Somebody nobody can reach is no lead: an address or a number is needed, whatever the form requires (row Q7)."""
    ways = [ask.name for ask in shown.asks if ask.name in ("email", "phone")]
    if ways and not any(way in found.values or way in found.wrong for way in ways):
        found.wrong[ways[0]] = Wrong("missing")


def _within_limits(request: Request, shown: Shown, sent: dict[str, str], found: Answers) -> bool:
    """Whether this visitor has not sent too much lately. What is refused stays on the page, to be sent again."""
    counter: Counter = request.app.state.counter
    office, now = shown.office, shown.office.clock.now()
    network = network_of(address_of(request, office.trusted_proxies))
    stamp = read_stamp(sent.get(STAMP, ""), shown.name, office.secret)
    limits = office.limits
    if network is not None:
        if stamp is not None and now - stamp.made_at < HASTE:
            if not counter.take(f"haste:{network}", limits.in_haste, timedelta(hours=1), now):
                return False
        if not counter.take(f"network:{network}", limits.per_network, timedelta(minutes=10), now):
            return False
    email, phone = found.values.get("email"), found.values.get("phone")
    person = email_key(email) if isinstance(email, str) else phone_key(str(phone)) if phone else None
    return person is None or counter.take(f"person:{person}", limits.per_person, timedelta(hours=1), now)


def _submission(
    request: Request, shown: Shown, sent: dict[str, str], found: Answers, now: datetime
) -> Submission:
    office, form = shown.office, shown.form
    ip = address_of(request, office.trusted_proxies)
    answers = {ask.name: found.values[ask.name] for ask in shown.asks if ask.name in found.values}
    agreed = tuple(
        Agreed(asked.topic, shown.tongue.of(asked.wording))
        for asked in form.consent
        if found.values.get(f"consent:{asked.topic}") is True
    )
    stamp = read_stamp(sent.get(STAMP, ""), shown.name, office.secret)
    digest = sha256(dump_json([answers, [one.topic for one in agreed]]).encode()).hexdigest()[:12]
    visit = traces_of(request, sent.get(CAME_FROM, ""))
    proof = {"form": shown.name, "ip": ip, "language": shown.tongue.tag, "at": now}
    return Submission(
        form=shown.name,
        language=shown.tongue.tag,
        fields=_lead_fields(shown, answers),
        answers=answers,
        agreed=agreed,
        raises=form.raises,
        raised=_raised(shown, answers),
        source=source_of(visit, office.sources, form.source),
        visit=visit,
        proof=proof,
        once=f"{stamp.nonce}:{digest}" if stamp is not None else None,
        robot="it filled in what nobody sees" if sent.get(TRAP) else None,
        confirmation=office.confirmation if form.confirm or office.confirm_forms else None,
        reopening=office.confirmation,
        task=_task(shown, answers),
    )


def _lead_fields(shown: Shown, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers that are a lead's fields, of their kind. A visitor sets only what says something about them."""
    known = shown.office.words.fields
    hidden = {ask.name for ask in shown.asks if ask.hidden is not None}
    return {
        name: as_kind(value, known[name].kind, shown.office.place)
        for name, value in answers.items()
        if name in known and name not in _NEVER and (name not in _HIDDEN_ONLY or name in hidden)
    }


def _raised(shown: Shown, answers: dict[str, Any]) -> dict[str, Any]:
    """The data of the event the form raises: its constants, and the answers that are among the event's keys."""
    form = shown.form
    if form.raises is None:
        return {}
    data = shown.office.words.data_of(form.raises)
    told = {**form.data, **{name: value for name, value in answers.items() if name in data}}
    return {name: as_kind(value, data.get(name, "text"), shown.office.place) for name, value in told.items()}


def _task(shown: Shown, answers: dict[str, Any]) -> TaskAsked | None:
    text = shown.office.tasks.get(shown.name)
    if text is None:
        return None
    call = shown.form.raises == "callback.requested" or "email" not in answers
    wished = as_kind(answers.get("wished_at"), "time", shown.office.place)
    return TaskAsked(
        text=text,
        due=shown.form.due,
        kind="call" if call else "contact",
        place=shown.office.place,
        at=wished if hasattr(wished, "tzinfo") else None,
    )


# -- what is shown ------------------------------------------------------------------------------------------------


def _blank(request: Request, shown: Shown) -> Response:
    """The form as it is opened; `?company=…` in its address fills in what is known already."""
    typed = {ask.name: request.query_params.get(ask.name, "") for ask in shown.asks}
    carried = {STAMP: make_stamp(shown.name, shown.office.clock.now(), shown.office.secret)}
    came_from = host_of(request.headers.get("referer", ""))
    if came_from and came_from != host_of(shown.office.url):
        carried[CAME_FROM] = came_from
    return _show(request, shown, Answers(typed=typed), carried)


def _again(
    request: Request, shown: Shown, sent: dict[str, str], found: Answers, notice: str, status: int
) -> Response:
    """The form once more, with what was typed, and what is wrong beside it."""
    carried = {name: sent[name][:200] for name in (STAMP, CAME_FROM) if name in sent}
    email = found.values.get("email")
    if isinstance(email, str):
        carried[SURE] = email
    headers = {"retry-after": "60"} if status in (429, 503) else None
    return _show(request, shown, found, carried, shown.tongue(notice), status, headers)


def _show(
    request: Request,
    shown: Shown,
    found: Answers,
    carried: dict[str, str],
    notice: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    tongue, form = shown.tongue, shown.form
    return page(
        request,
        "form.html",
        tongue,
        status,
        headers=headers,
        languages=shown.languages,
        leads_to=_origin_of(form.redirect),
        may_embed=True,
        title=tongue.of(form.title, shown.office.company.name),
        intro=tongue.of(form.intro),
        notice=notice,
        asks=(*shown.asks, *_boxes(shown)),
        typed=found.typed,
        wrong=found.wrong,
        button=tongue.of(form.button, tongue("send")),
        most_radios=4,
        zone=shown.office.place.zone.key,
        trap=TRAP,
        carried=carried,
    )


def _thanks(request: Request, shown: Shown) -> Response:
    """The same for everybody: whether an address was known to us shows nowhere."""
    form, tongue = shown.form, shown.tongue
    if form.redirect is not None:
        return RedirectResponse(form.redirect, 303)
    asks_to_confirm = form.confirm or shown.office.confirm_forms
    more = tongue("look_in_mailbox") if asks_to_confirm else None
    return thank(request, tongue, tongue.of(form.thanks, tongue("form_done")), more=more, may_embed=True)


def _origin_of(url: str | None) -> str | None:
    """Scheme and host of a page: browsers follow a form's redirect only where the policy names it."""
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
