"""Pages: every one in the same look, with the same headers, in the visitor's language. Everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from nurture.web.office import Office
from nurture.web.words import Tongue, choose, tongues

HERE = Path(__file__).parent
STATIC = HERE / "static"


def office_in(request: Request) -> Office:
    """The office the app speaks for now."""
    found = request.app.state.office
    assert isinstance(found, Office)
    return found


def tongue_for(request: Request, offered: tuple[str, ...], *known: str | None) -> Tongue:
    """The visitor's language: asked for by `?lang=`, else known of the person, else what their browser says."""
    asked = request.query_params.get("lang")
    return choose(offered, asked, *known, accept=request.headers.get("accept-language", ""))


def every_language(office: Office) -> tuple[str, ...]:
    """All languages of the pages, the company's first."""
    return tuple(dict.fromkeys((*office.languages, *tongues())))


def page(
    request: Request,
    template: str,
    tongue: Tongue,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    languages: tuple[str, ...] = (),
    leads_to: str | None = None,
    **values: Any,
) -> Response:
    """A page. `languages` are offered for a change; `leads_to` is another site its form may lead to."""
    office = office_in(request)
    embedded = bool(request.query_params.get("embed")) and bool(values.get("may_embed"))
    others = [tongues()[tag] for tag in languages if tag in tongues()] if len(languages) > 1 else []
    text = (
        _environment()
        .get_template(template)
        .render(
            t=tongue,
            office=office,
            company=office.company,
            embedded=embedded,
            others=[(other.tag, other("language"), _with_language(request, other.tag)) for other in others],
            style=f"{office.root}/static/pages.css?v={_style_version()}",
            **values,
        )
    )
    framing = " ".join(office.framing) if embedded and office.framing else "'none'"
    target = f" {leads_to}" if leads_to else ""
    policy = {
        "content-security-policy": "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'{target}; frame-ancestors {framing}",
        "content-language": tongue.tag,
    }
    return HTMLResponse(text, status, {**policy, **(headers or {})})


def message(
    request: Request, tongue: Tongue, title: str, text: str, status: int = 200, **values: Any
) -> Response:
    """A page that says one thing."""
    return page(request, "message.html", tongue, status, title=title, text=text, **values)


def thank(request: Request, tongue: Tongue, text: str, **values: Any) -> Response:
    """A page that only thanks, in the author's words."""
    return message(request, tongue, tongue("thanks"), text, heading=False, **values)


def broken_link(request: Request, tongue: Tongue | None = None, help: str | None = None) -> Response:
    """The answer to every token that is not ours, whatever is wrong with it."""
    tongue = tongue or tongue_for(request, every_language(office_in(request)))
    return message(request, tongue, tongue("link_broken"), tongue("link_broken_text"), 404, more=help)


def masked(email: str | None) -> str:
    """An address its owner knows again and nobody else learns: `a***@example.org`."""
    local, at, domain = (email or "").rpartition("@")
    return f"{local[:1]}***@{domain}" if at else ""


def _with_language(request: Request, tag: str) -> str:
    return "?" + request.url.include_query_params(lang=tag).query


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style_version() -> str:
    return sha256((STATIC / "pages.css").read_bytes()).hexdigest()[:10]
