"""One email for one person: subject, preview line, HTML part, text part and what the invitation says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from html_to_markdown import ConversionOptions, convert
from jinja2 import Template as Compiled
from markupsafe import Markup

from nurture.mail.allowed import parse
from nurture.mail.footer import Footer
from nurture.mail.layout import Layout, page
from nurture.mail.links import Rewriter
from nurture.mail.marks import LIST_CLOSE, LIST_ITEM, LIST_OPEN
from nurture.mail.problems import TemplateFault
from nurture.mail.sandbox import TEXT, Voice, compile_tree, run
from nurture.mail.template import Template
from nurture.mail.texts import voice_of

MAX_SUBJECT: Final = 400
KEPT_LINKS: Final = ("unsubscribe", "confirm", "preferences", "survey")
"""Names in a template's data whose links are never counted as clicks."""
_LIST_MARK: Final = re.compile(f"[{LIST_OPEN}{LIST_ITEM}{LIST_CLOSE}]")
_BLANK: Final = re.compile(r"\n{3,}")
_MARKDOWN_LINK: Final = re.compile(r"(?<!!)\[([^\]]*)\]\(<?([^()\s<>]+)>?(?: \"[^\"]*\")?\)")
_PLAIN_TAGS: Final = ["strong", "b", "em", "i", "code"]
_TABLE_RULE: Final = re.compile(r"^[-| ]+\n", re.MULTILINE)
_TABLE_EDGE: Final = re.compile(r"^(?:#{1,6} |\| )| +\|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An email's parts. `links` are its link targets before tracking; `invite` the invitation's values by key."""

    subject: str
    preheader: str
    html: str
    text: str
    links: tuple[str, ...] = ()
    invite: Mapping[str, Any] | None = field(default=None)


def render(
    template: Template,
    values: Mapping[str, Any],
    layout: Layout,
    *,
    footer: Footer,
    language: str | None = None,
    zone: str | None = None,
    arm: str | None = None,
    track: Callable[[str], str] | None = None,
) -> Rendered:
    """The email for one person.

    `values` is plain data by name (lead, owner, entry, event, company, now, and the links unsubscribe, confirm, survey,
    form). `language` and `zone` (IANA name) default to the template's locale and the lead's zone. `arm` names the subject
    of an experiment; unknown or absent, the first. `track` gives the address that counts a click on an http(s) link.

    Raises TemplateFault, naming the file and where possible the line; the same input always gives the same output.
    """
    voice = voice_of(values, language or template.locale, zone)
    try:
        return _parts(template, values, layout, footer, voice, arm, track)
    except TemplateFault as fault:
        raise _placed(fault, template, values, voice) from fault


def _parts(
    template: Template,
    values: Mapping[str, Any],
    layout: Layout,
    footer: Footer,
    voice: Voice,
    arm: str | None,
    track: Callable[[str], str] | None,
) -> Rendered:
    front = template.front
    subject = _line(_subject(template, arm), values, voice)
    if not subject:
        raise TemplateFault("The subject is empty.")
    preheader = _line(front.preheader, values, voice) if front.preheader else ""
    around = {
        **values,
        "subject": subject,
        "preheader": preheader,
        "footer": Markup(footer.html),
        "language": template.locale or voice.language,
    }
    rewriter = Rewriter(track, _kept(values))
    html = rewriter.html(run(page(template, layout), around, voice, template.file))
    if template.text is not None:
        body = rewriter.text(run(template.text, values, voice, template.file))
    else:
        body = _from_html(html, footer)
    invite = {key: text(values) for key, text in front.invite.items()} if front.invite else None
    text = _tidy(body) + ("\n" + footer.text if footer.text else "")
    return Rendered(subject[:MAX_SUBJECT], preheader, html, text, rewriter.targets, invite)


def _subject(template: Template, arm: str | None) -> Compiled:
    subjects = template.front.subjects
    return subjects.get(arm or "") or next(iter(subjects.values()))


def _line(code: Compiled, values: Mapping[str, Any], voice: Voice) -> str:
    return " ".join(run(code, values, voice).split())


def _kept(values: Mapping[str, Any]) -> Collection[str]:
    kept: set[str] = set()
    for name in KEPT_LINKS:
        value = values.get(name)
        if isinstance(value, str):
            kept.add(value)
        elif isinstance(value, Mapping):
            kept.update(url for url in value.values() if isinstance(url, str))
    return kept


def _tidy(text: str) -> str:
    if _LIST_MARK.search(text):
        text = _numbered(text)
    text = "\n".join([line.rstrip() for line in text.split("\n")]).strip("\n") + "\n"
    return _BLANK.sub("\n\n", text) if "\n\n\n" in text else text


def _numbered(text: str) -> str:
    counters: list[int] = []

    def write(found: re.Match[str]) -> str:
        if found[0] == LIST_OPEN:
            counters.append(0)
        elif found[0] == LIST_CLOSE:
            if counters:
                counters.pop()
        elif counters:
            counters[-1] += 1
            return str(counters[-1])
        return ""

    return _LIST_MARK.sub(write, text)


def _from_html(html: str, footer: Footer) -> str:
    """The text part of an `.html` template: its words, with links as `words <url>`, without the footer."""
    options = ConversionOptions(extract_metadata=False, skip_images=True, strip_tags=_PLAIN_TAGS)
    content = convert(html.replace(footer.html, "") if footer.html else html, options).content or ""
    content = _TABLE_RULE.sub("", _TABLE_EDGE.sub("", content))

    def write(found: re.Match[str]) -> str:
        return found[2] if found[1] in ("", found[2]) else f"{found[1]} <{found[2]}>"

    return _MARKDOWN_LINK.sub(write, content)


def _placed(
    fault: TemplateFault, template: Template, values: Mapping[str, Any], voice: Voice
) -> TemplateFault:
    """The fault with the line of the file it happened in: the compiled page has lines of its own."""
    line, shown = None, None
    tree = parse("\n" * (template.body_line - 1) + template.body)
    if not isinstance(tree, list):
        try:
            run(compile_tree(tree, TEXT), values, voice)
        except TemplateFault as again:
            line = again.line
    if line is not None:
        text = template.source.split("\n")[line - 1 : line]
        shown = "; ".join(re.findall(r"\{\{.*?\}\}", text[0])) if text else None
    said = f"{fault.reason} In: {shown}" if shown else fault.reason
    return TemplateFault(said, fault.hint, template=template.file, line=line)
