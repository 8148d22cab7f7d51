"""Whom or what the token in an address stands for. Every token that is not ours is the same to us: None."""

from __future__ import annotations

from starlette.requests import Request

from nurture.core.tokens import Purpose, verify
from nurture.web.render import office_in

_MOST = 2**63


def identity_in(request: Request, purpose: Purpose) -> str | None:
    """What the token was made for."""
    return verify(purpose, request.path_params["token"], office_in(request).secret)


def person_in(request: Request, purpose: Purpose) -> int | None:
    """The lead, or message, the token was made for."""
    return _number(identity_in(request, purpose) or "")


def pair_in(request: Request, purpose: Purpose) -> tuple[int, str] | None:
    """The message and what of it (a link, a questionnaire) the token was made for."""
    number, _, rest = (identity_in(request, purpose) or "").partition(".")
    message = _number(number)
    return (message, rest) if message is not None and rest else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _MOST else None
