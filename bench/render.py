"""Microseconds per email: render, head and MIME, and both. Run: .venv/bin/python bench/render.py [-n 2000] [--reps 5]"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

import yaml

from nurture.core.tokens import Purpose, plus_address, sign
from nurture.mail.compose import compose
from nurture.mail.footer import footer
from nurture.mail.headers import Head, Mailbox, Unsubscribe, feedback_id, list_id, message_id
from nurture.mail.layout import DEFAULT_LAYOUT, Layout, parse_layout
from nurture.mail.render import render
from nurture.mail.template import Template, parse_template

KEY = b"a key for measuring only"
SOURCE = (
    """---
subject: "{{ lead.first_name | default('Hello') }}, your report {{ entry.report }}"
preheader: And an invitation to a talk on {{ entry.topic }}
---
Hello {{ lead.first_name | default("there") }},

thank you for reading **{{ entry.report }}**. These go further:

{% for article in entry.articles %}
- [{{ article.title }}]({{ article.url }}): {{ article.about }}
{% endfor %}

{% if lead.company %}
We work with several companies like {{ lead.company }}.
{% endif %}

On {{ entry.starts_at | date("full") }} at {{ entry.starts_at | time }} we talk about {{ entry.topic }}.

**[Keep a seat for me](https://example.com/talk?lead={{ lead.id }})**

"""
    + "A paragraph of words that stay the same for everyone, as most of an email does. " * 20
)


def parts() -> tuple[Template, Layout, dict[str, object]]:
    template = parse_template(
        "bench", None, "md", SOURCE, lambda text: (yaml.load(text, yaml.BaseLoader), [])
    )
    layout = parse_layout(DEFAULT_LAYOUT)
    assert isinstance(template, Template), template
    assert isinstance(layout, Layout), layout
    articles = [
        {"title": f"Article {n}", "url": f"https://example.com/a/{n}", "about": "what it says"}
        for n in range(6)
    ]
    values: dict[str, object] = {
        "lead": {"first_name": "Zoë", "company": "Smith & Søn", "id": 7, "timezone": "Europe/Copenhagen"},
        "entry": {
            "report": "Pumps",
            "topic": "pumps",
            "articles": articles,
            "starts_at": datetime(2026, 10, 1, 8, tzinfo=UTC),
        },
        "company": {"name": "Example"},
    }
    return template, layout, values


def measure(name: str, action: Callable[[], object], number: int, reps: int) -> None:
    best = float("inf")
    for _ in range(reps):
        begin = time.perf_counter()
        for _ in range(number):
            action()
        best = min(best, (time.perf_counter() - begin) / number)
    print(f"{name:28}{best * 1e6:8.1f} µs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--reps", type=int, default=5)
    wanted = parser.parse_args()
    template, layout, values = parts()
    url = "https://mail.example.com/u/" + sign(Purpose.UNSUBSCRIBE, "123456", KEY)
    under = footer("en", company="Example", address="1 Road, Town", unsubscribe=url)

    def track(target: str) -> str:
        return "https://mail.example.com/c/" + sign(Purpose.CLICK, f"123456.{len(target)}", KEY)

    def head() -> Head:
        token = sign(Purpose.REPLY, "123456", KEY)
        return Head(
            message_id=message_id(token, "example.com"),
            at=datetime(2026, 9, 1, tzinfo=UTC),
            sender=Mailbox("anna@example.com", "Anna Müller"),
            to=Mailbox("zoe@example.org", "Zoë Smith"),
            subject=made.subject,
            reply_to=Mailbox(plus_address("reply@example.com", token)),
            unsubscribe=Unsubscribe(url),
            list_id=list_id("news", "example.com"),
            feedback_id=feedback_id("report", "offer", "example", "nurture"),
        )

    def whole() -> bytes:
        email = render(template, {**values, "unsubscribe": url}, layout, footer=under, track=track)
        return compose(head(), email.text, email.html)

    made = render(template, values, layout, footer=under, track=track)
    print(f"one message: {len(whole())} bytes, {len(made.links)} links")
    measure(
        "render", lambda: render(template, values, layout, footer=under, track=track), wanted.n, wanted.reps
    )
    measure("head and MIME", lambda: compose(head(), made.text, made.html), wanted.n, wanted.reps)
    measure("render, head and MIME", whole, wanted.n, wanted.reps)


if __name__ == "__main__":
    main()
