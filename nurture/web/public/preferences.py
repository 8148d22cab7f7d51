"""`/p/<token>`: a person's choice of topics. GET shows it, POST saves it."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from nurture.core.consequences import GENERAL
from nurture.core.tokens import Purpose, sign
from nurture.language.config_values import LangText
from nurture.services.unsubscribe import EMAIL, choose_topics, reader_of
from nurture.web.office import Office
from nurture.web.render import broken_link, every_language, masked, message, office_in, page, tongue_for
from nurture.web.signed import person_in
from nurture.web.visit import address_of
from nurture.web.words import Tongue


async def preferences_page(request: Request) -> Response:
    """GET and POST."""
    office = office_in(request)
    lead_id = person_in(request, Purpose.PREFERENCES)
    if lead_id is None:
        return broken_link(request)
    languages = every_language(office)
    reader = await reader_of(office.store, lead_id, office.key)
    tongue = tongue_for(request, languages, reader.language if reader else None)
    if reader is None or not reader.email:
        return message(request, tongue, tongue("preferences"), tongue("preferences_none"))
    wordings = topics_of(office, tongue)
    saved = False
    form = await request.form(max_files=0, max_fields=200) if request.method == "POST" else None
    # A POST that is not from this page (a mail program's button, say) must not take everything back.
    if isinstance(form, FormData) and ("save" in form or "topic" in form):
        ticked = set(form.getlist("topic"))
        proof = {
            "by": "preferences page",
            "ip": address_of(request, office.trusted_proxies),
            "language": tongue.tag,
        }
        wanted = {topic: topic in ticked for topic in wordings}
        await choose_topics(
            office.store,
            lead_id,
            wanted,
            wordings,
            now=office.clock.now(),
            secret=office.key,
            proof=proof,
        )
        office.wake()
        saved = True
        reader = await reader_of(office.store, lead_id, office.key) or reader
    leave = sign(Purpose.UNSUBSCRIBE, str(lead_id), office.secret)
    return page(
        request,
        "preferences.html",
        tongue,
        languages=languages,
        title=tongue("preferences"),
        text=tongue("preferences_text", company=office.company.name, address=masked(reader.email)),
        notice=tongue("preferences_saved") if saved else "",
        topics=[(topic, wording, reader.allows(topic)) for topic, wording in wordings.items()],
        end_all=f"{office.root}/u/{leave}",
    )


def topics_of(office: Office, tongue: Tongue) -> dict[str, str]:
    """Every topic the project asks consent for, with the words it asks in; mail as such comes first."""
    asked: dict[str, LangText | None] = {}
    for form in office.forms.values():
        for consent in form.consent:
            asked.setdefault(EMAIL if consent.topic in GENERAL else consent.topic, consent.wording)
    for survey in office.surveys.values():
        for question in survey.questions:
            if question.consent is not None:
                topic = EMAIL if question.consent in GENERAL else question.consent
                asked.setdefault(topic, question.label)
    general = tongue("topic_email", company=office.company.name)
    found = {EMAIL: tongue.of(asked.pop(EMAIL, None), general)}
    for topic, wording in asked.items():
        found[topic] = tongue.of(wording, tongue("topic_other", topic=topic.replace("_", " ")))
    return found
