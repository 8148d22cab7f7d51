"""The cast's web browser: speaks HTTP's terms with the web application, without a network in between (ASGI 3.0)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from nurture.core.errors import NurtureError

Scope = MutableMapping[str, Any]
WebApp = Callable[
    [Scope, Callable[[], Awaitable[Scope]], Callable[[Scope], Awaitable[None]]], Awaitable[None]
]

_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
_LEADS_ON: Final = (301, 302, 303, 307, 308)


class PageFault(NurtureError):
    """A page of the demo's own website did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back: the address, the status, the text. `leads_to` is set where a redirect left our own website."""

    url: str
    status: int
    text: str
    leads_to: str | None = None

    def form(self) -> _FormReader:
        """Its form. Raises PageFault where it has none."""
        form = _FormReader()
        form.feed(self.text)
        if not form.found:
            raise PageFault(f"{self.url} has no form to fill in.")
        return form

    def asks(self) -> frozenset[str]:
        """The names its form asks for."""
        return frozenset(self.form().names)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser set to one language that knows one website, at `home`; other websites are not opened."""

    app: WebApp
    home: str
    language: str = "en"
    agent: str = _AGENT

    async def open(self, url: str, referrer: str | None = None) -> Page:
        """Open a page and follow redirects as far as they stay on the website. Raises PageFault on an error page."""
        return await self._go("GET", urljoin(self.home, url), b"", referrer)

    async def send(self, page: Page, filled: Mapping[str, str]) -> Page:
        """Fill in the form of a page and send it; what is hidden or filled in already goes along."""
        form = page.form()
        missing = [name for name in filled if name not in form.names]
        if missing:
            raise PageFault(f"the form at {page.url} does not ask for {', '.join(missing)}.")
        body = urlencode({**form.values, **filled}).encode()
        return await self._go("POST", urljoin(page.url, form.action), body, page.url)

    async def post(self, url: str, filled: Mapping[str, str]) -> Page:
        """Send a form that no page shows: a mail program's unsubscribe button (RFC 8058)."""
        return await self._go("POST", urljoin(self.home, url), urlencode(filled).encode(), None)

    async def _go(self, method: str, url: str, body: bytes, referrer: str | None) -> Page:
        for _ in range(10):
            if urlsplit(url).netloc != urlsplit(self.home).netloc:
                return Page(url, 302, "", leads_to=url)
            status, headers, text = await self._ask(method, url, body, referrer)
            if status not in _LEADS_ON:
                if status >= 400:
                    raise PageFault(f"{method} {url} was answered with {status}: {text[:300]}")
                return Page(url, status, text)
            url = urljoin(url, headers.get("location", ""))
            if status in (301, 302, 303):
                method, body = "GET", b""
        raise PageFault(f"{url} leads round in a circle.")

    async def _ask(
        self, method: str, url: str, body: bytes, referrer: str | None
    ) -> tuple[int, dict[str, str], str]:
        """One request and its answer."""
        parts = urlsplit(url)
        headers = {
            "host": parts.netloc,
            "user-agent": self.agent,
            "accept": "text/html",
            "accept-language": self.language,
        }
        if body:
            headers["content-type"] = "application/x-www-form-urlencoded"
            headers["content-length"] = str(len(body))
        if referrer is not None:
            headers["referer"] = referrer
        if method == "POST" and referrer is not None:
            headers["origin"] = f"{parts.scheme}://{parts.netloc}"
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "server": (parts.hostname, parts.port),
            "client": ("127.0.0.1", 50000),
        }
        answer = _Answer(body)
        await self.app(scope, answer.receive, answer.send)
        return answer.status, answer.headers, answer.body.decode("utf-8", "replace")


@dataclass(slots=True)
class _Answer:
    """Both ends of one exchange."""

    request: bytes
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def receive(self) -> Scope:
        return {"type": "http.request", "body": self.request, "more_body": False}

    async def send(self, message: Scope) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class _FormReader(HTMLParser):
    """The form of a page: where it goes, its names, and what stands in it already."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False
        self.action = ""
        self.names: set[str] = set()
        self.values: dict[str, str] = {}
        self._choice: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.found, self.action = True, given.get("action") or ""
        elif tag == "option" and self._choice and "selected" in given:
            self.values[self._choice] = value
        if name is None or tag not in ("input", "select", "textarea"):
            return
        self.names.add(name)
        kind = (given.get("type") or "text").lower()
        if tag == "select":
            self._choice = name
        elif tag == "input" and kind not in ("submit", "button", "image", "reset"):
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.values[name] = value
