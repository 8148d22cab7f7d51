"""What the public pages work with: the store, the time, and the parts of the settings they need. No mail goes out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nurture.config import Settings
from nurture.core.place import Place, place_of
from nurture.core.vocabulary import Vocabulary
from nurture.language.config_forms import Form, Survey
from nurture.language.config_sales import LeadSource, OwnField
from nurture.language.config_sections import Company, Tracking
from nurture.mail.texts import CompiledText, compile_text
from nurture.ports import Clock
from nurture.services.capture import MakeText
from nurture.services.project import company_values
from nurture.services.verify import Confirmation
from nurture.store.engine import Store
from nurture.web.limits import Limits


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Whom the public pages speak for. Exchange the whole of it (`app.state.office`) when the settings change.

    `url` is the public address; `confirm_forms`: every form asks for confirmation. `trusted_proxies` are addresses or
    networks whose X-Forwarded-For is believed. `wake` is called after something was recorded. `tasks` are the texts of
    the forms' tasks, by form.
    """

    store: Store
    clock: Clock
    secret: bytes
    company: Company
    place: Place
    words: Vocabulary
    forms: Mapping[str, Form]
    surveys: Mapping[str, Survey]
    fields: Mapping[str, OwnField]
    sources: Mapping[str, LeadSource]
    tracking: Tracking
    confirmation: Confirmation
    confirm_forms: bool
    url: str
    framing: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    tasks: Mapping[str, MakeText] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    wake: Callable[[], None] = _nothing

    @property
    def key(self) -> str:
        """The secret as records and suppressions take it."""
        return self.secret.hex()

    @property
    def root(self) -> str:
        """The path our pages lie under on their host, without a slash at the end."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def languages(self) -> tuple[str, ...]:
        """The company's languages, the first is the default."""
        return self.company.languages


def office_of(
    settings: Settings,
    store: Store,
    clock: Clock,
    secret: bytes,
    *,
    wake: Callable[[], None] = _nothing,
    limits: Limits | None = None,
) -> Office:
    """The office of a project."""
    company = settings.company
    confirm = settings.qualification.confirm
    return Office(
        store=store,
        clock=clock,
        secret=secret,
        company=company,
        place=place_of(company.timezone, company.country, settings.zone, settings.holiday_book()),
        words=settings.vocabulary(),
        forms=settings.forms,
        surveys=settings.surveys,
        fields=settings.fields,
        sources=settings.sources,
        tracking=settings.tracking,
        confirmation=Confirmation(confirm.template, confirm.valid),
        confirm_forms=confirm.forms,
        url=settings.web.public_url,
        framing=tuple(settings.web.allow_framing_from),
        trusted_proxies=tuple(settings.web.trusted_proxies),
        tasks={name: _task_text(form.task, settings) for name, form in settings.forms.items() if form.task},
        limits=limits or Limits(),
        wake=wake,
    )


def _task_text(source: str, settings: Settings) -> MakeText:
    """A form's task text; one that cannot be read (which `nurture check` tells) stays as it is written."""
    compiled = compile_text(source)
    if not isinstance(compiled, CompiledText):
        return lambda values: source
    empty = dict.fromkeys(settings.vocabulary().fields)
    company = company_values(settings)

    def make(values: Mapping[str, object]) -> str:
        lead = values["lead"]
        assert isinstance(lead, Mapping)
        told = {
            "owner": {},
            "entry": values["event"],
            "company": company,
            **values,
            "lead": {**empty, **lead},
        }
        return str(compiled(told))

    return make
