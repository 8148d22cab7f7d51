"""`/s/<token>`: a questionnaire, for one person out of one email. Opening it changes nothing; `?reason=budget` preselects."""

from __future__ import annotations

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from nurture.core.errors import OutsideError
from nurture.core.tokens import Purpose
from nurture.language.config_forms import Survey
from nurture.language.config_values import LangText
from nurture.services.survey import Answered, answer, origin_of
from nurture.store.queries.origins import Origin
from nurture.store.types import dump_json
from nurture.web.inputs import Answers, Ask, as_kind, read_answers
from nurture.web.office import Office
from nurture.web.questions import of_survey
from nurture.web.render import broken_link, every_language, message, office_in, page, thank, tongue_for
from nurture.web.sent import fields_of
from nurture.web.signed import pair_in
from nurture.web.visit import address_of
from nurture.web.words import Tongue, languages_of


async def survey_page(request: Request) -> Response:
    """GET and POST."""
    office = office_in(request)
    pair = pair_in(request, Purpose.SURVEY)
    if pair is None:
        return broken_link(request)
    survey = office.surveys.get(pair[1])
    origin = await origin_of(office.store, pair[0])
    known = origin.language if origin is not None else None
    if survey is None or origin is None:
        tongue = tongue_for(request, every_language(office), known)
        return message(request, tongue, tongue("survey_closed"), tongue("survey_closed_text"))
    languages = languages_of(_texts(survey), office.languages)
    tongue = tongue_for(request, languages, known)
    asks = of_survey(survey, tongue)
    if request.method != "POST":
        preselected = Answers(typed={ask.name: request.query_params.get(ask.name, "") for ask in asks})
        return _show(request, survey, tongue, languages, asks, preselected)
    found = read_answers(asks, await fields_of(request), office.place, office.clock.now())
    if found.wrong:
        return _show(request, survey, tongue, languages, asks, found, tongue("check_marked"), 422)
    try:
        await _keep(request, office, origin, pair[1], survey, tongue, found)
    except OutsideError:
        return _show(request, survey, tongue, languages, asks, found, tongue("not_saved"), 503)
    thanks = tongue.of(survey.thanks, tongue("survey_done"))
    return thank(request, tongue, thanks)


async def _keep(
    request: Request,
    office: Office,
    origin: Origin,
    name: str,
    survey: Survey,
    tongue: Tongue,
    found: Answers,
) -> None:
    agreed = {
        question.consent: tongue.of(question.label)
        for question in survey.questions
        if question.consent is not None and found.values.get(question.name) is True
    }
    favourable = any(
        choice.favourable and found.values.get(question.name) == choice.value
        for question in survey.questions
        for choice in question.choices
    )
    ip = address_of(request, office.trusted_proxies)
    answered = Answered(
        survey=name,
        language=tongue.tag,
        answers=found.values,
        agreed=agreed,
        favourable=favourable,
        raised=_raised(office, survey, found),
        once=sha256(dump_json(found.values).encode()).hexdigest()[:20],
        proof={"survey": name, "message": origin.message, "ip": ip, "language": tongue.tag},
    )
    now = office.clock.now()
    if await answer(office.store, origin, answered, survey.raises, now=now, secret=office.key):
        office.wake()


def _raised(office: Office, survey: Survey, found: Answers) -> dict[str, object]:
    """The data of the questionnaire's own event: those answers that are among its keys, of the kind it declares."""
    if survey.raises is None:
        return {}
    data = office.words.data_of(survey.raises)
    return {
        name: as_kind(value, data[name], office.place) for name, value in found.values.items() if name in data
    }


def _show(
    request: Request,
    survey: Survey,
    tongue: Tongue,
    languages: tuple[str, ...],
    asks: tuple[Ask, ...],
    found: Answers,
    notice: str = "",
    status: int = 200,
) -> Response:
    return page(
        request,
        "form.html",
        tongue,
        status,
        languages=languages,
        title=tongue.of(survey.title, tongue("thanks")),
        intro=tongue.of(survey.intro),
        notice=notice,
        asks=asks,
        typed=found.typed,
        wrong=found.wrong,
        button=tongue.of(survey.button, tongue("send")),
        most_radios=12,
        zone=office_in(request).place.zone.key,
        trap=None,
        carried={},
    )


def _texts(survey: Survey) -> list[LangText | None]:
    return [survey.title, survey.intro, survey.button, *(question.label for question in survey.questions)]
