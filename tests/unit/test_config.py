"""config.yaml: defaults, what is made of it, overrides, secrets, and every kind of mistake with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.config import Settings, config_schema, default_settings, load_config
from nurture.core.duration import parse_duration
from nurture.core.vocabulary import Kind
from nurture.language.config_not_yet import KEYS
from nurture.language.problems import Problem

STARTER = Path(__file__).parents[2] / "config.yaml"


def load(text: str | bytes, **environ: str) -> tuple[Settings | None, list[Problem]]:
    made, problems = load_config(text, "config.yaml", environ)
    assert (made is None) == any(problem.severity == "error" for problem in problems)
    return made, list(problems)


def load_well(text: str | bytes, **environ: str) -> Settings:
    made, problems = load(text, **environ)
    assert problems == []
    assert made is not None
    return made


def test_an_empty_file_is_enough_to_start():
    made = load_well("")
    assert made == default_settings()
    assert made.database.url == "sqlite:///nurture.db"
    assert (made.smtp.host, made.smtp.port, made.smtp.security, made.smtp.connections) == (
        "localhost",
        25,
        "none",
        2,
    )
    assert made.inbox == ()
    assert (made.web.host, made.web.port, made.web.url) == ("127.0.0.1", 8025, "http://127.0.0.1:8025")
    assert made.web.public_url == made.web.url
    assert [str(limit) for limit in made.send.limit] == ["3 per week"]
    assert (made.send.consent, made.send.in_doubt, made.campaigns.apply) == (
        "not_withdrawn",
        "assume_sent",
        "auto",
    )
    assert made.zone == ZoneInfo("UTC")
    assert (made.tracking.opens, made.tracking.clicks) == (False, True)
    assert made.retention.events is None


def test_the_starter_s_settings_have_no_problem():
    made = load_well(STARTER.read_bytes())
    assert made.company.sender.address.endswith(".example")
    assert len(made.event_rules) >= 10
    assert len(made.assignment_conditions) == len(made.assignment.rules)


@pytest.mark.parametrize(
    ("text", "look", "value"),
    [
        ("smtp: {security: tls}", lambda s: s.smtp.port, 465),
        ("smtp: {security: starttls}", lambda s: s.smtp.port, 587),
        ("smtp: {security: tls, port: 2525}", lambda s: s.smtp.port, 2525),
        ("inbox: [{host: a.example}]", lambda s: (s.inbox[0].kind, s.inbox[0].port, s.inbox[0].folder), ("imap", 993, "INBOX")),
        ("inbox: [{host: a.example, security: none}]", lambda s: s.inbox[0].port, 143),
        ("inbox: [{kind: maildir, path: mail}]", lambda s: s.inbox[0].path, "mail"),
        ("web: {port: 80, host: 0.0.0.0}", lambda s: s.web.url, "http://0.0.0.0:80"),
        ("web: {url: https://x.example/}", lambda s: s.web.public_url, "https://x.example"),
        ("company: {from: Ann Bee <a@x.example>}", lambda s: (s.company.sender.name, s.company.sender.address), ("Ann Bee", "a@x.example")),
        ("company: {languages: de}", lambda s: s.company.languages, ("de",)),
        ("company: {country: NO}", lambda s: s.company.country, "NO"),
        ("team: [{email: a@x.example, name: Ann Bee}]", lambda s: s.team[0].first_name, "Ann"),
        ("send: {limit: [2 per day, 5 per week]}", lambda s: [limit.count for limit in s.send.limit], [2, 5]),
        ("retention: {raw_mail: never, traces: 30 days}", lambda s: (s.retention.raw_mail, s.retention.traces), (None, parse_duration("30 days"))),
        ("scoring: {mql: never}", lambda s: s.rules().thresholds.mql, None),
        ("fields: {pumps: number}", lambda s: s.vocabulary().fields["pumps"].kind, Kind.NUMBER),
        ("fields: {size: {type: choice, choices: [s, m]}}", lambda s: s.vocabulary().fields["size"].choices, ("s", "m")),
        ("events: {demo.booked: {data: {seats: number}}}", lambda s: s.vocabulary().data_of("demo.booked")["seats"], Kind.NUMBER),
        ("forms: {x: {consent: {topic: later, wording: Yes}}}", lambda s: s.vocabulary().topics, {"email", "later"}),
        ("notify: {desk: {to: a@x.example}}", lambda s: s.vocabulary().channels, {"owner", "manager", "desk"}),
        ("replies: {other: task, postpone: 30 days}", lambda s: (s.rules().replies["reply.other"], s.rules().postpone_default.days), ("task", 30)),
        ("holidays: {add: [{date: 12-24, name: Eve, countries: [DE]}]}", lambda s: s.holiday_book().own_days("DE", 2026) != {}, True),
    ],
)  # fmt: skip
def test_what_is_made_of_a_key(text, look, value):
    assert look(load_well(text)) == value


def test_texts_in_several_languages():
    made = load_well("forms:\n  a: {title: {en: Hello, de: Hallo, de-AT: Servus}, intro: Hi}\n")
    title, intro = made.forms["a"].title, made.forms["a"].intro
    assert title is not None
    assert intro is not None
    assert [title.in_language(tag) for tag in ("de", "de-CH", "de-AT", "fr", None)] == [
        "Hallo",
        "Hallo",
        "Servus",
        "Hello",
        "Hello",
    ]
    assert title.in_language("fr", "de") == "Hallo"
    assert intro.in_language("ru") == "Hi"


def test_scoring_rules_are_compiled_in_every_form_they_may_have():
    made = load_well(
        "scoring:\n  events:\n    webinar.attended: 15\n    reply: {points: 5, because: answered}\n"
        '    page.viewed:\n      - {points: 9, where: event.path == "/prices", limit: 1 per day, topic: price}\n      - 1\n'
        '  profile:\n    - if: lead.country == "DE"\n      points: -3\n'
    )
    assert [(rule.event, rule.points) for rule in made.event_rules] == [
        ("webinar.attended", 15), ("reply", 5), ("page.viewed", 9), ("page.viewed", 1),
    ]  # fmt: skip
    priced = made.event_rules[2]
    assert priced.where is not None
    assert (str(priced.at_most), priced.topic) == ("1 per day", "price")

    class Page:
        def value(self, root: str, path: str) -> Any:
            return {"event.path": "/prices", "lead.country": "DE"}.get(f"{root}.{path}")

    assert priced.where(Page()) is True
    assert made.profile_rules[0].condition(Page()) is True
    assert made.vocabulary().score_topics == {"price"}


# -- the environment -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "environ", "look", "value"),
    [
        ("", {"NURTURE_SMTP__PORT": "2525"}, lambda s: s.smtp.port, 2525),
        ("smtp: {port: nonsense}", {"NURTURE_SMTP__PORT": "2525"}, lambda s: s.smtp.port, 2525),
        ("smtp: {host: a.example}", {"NURTURE_SMTP__PORT": "1"}, lambda s: (s.smtp.host, s.smtp.port), ("a.example", 1)),
        ("", {"NURTURE_DATABASE__URL": "postgresql://h/d"}, lambda s: s.database.url, "postgresql://h/d"),
        ("", {"NURTURE_SEND__IN_DOUBT": "hold"}, lambda s: s.send.in_doubt, "hold"),
        ("", {"NURTURE_COMPANY__LANGUAGES": "[de, en]"}, lambda s: s.company.languages, ("de", "en")),
        ("", {"NURTURE_INBOX": "[{kind: maildir, path: m}]"}, lambda s: s.inbox[0].path, "m"),
        ("inbox: [{host: a.example}]", {"NURTURE_INBOX__0__PASSWORD": "x", "NURTURE_INBOX__0__USERNAME": "u"}, lambda s: s.inbox[0].password, "x"),
        ("", {"NURTURE_HOME": "/x", "PATH": "/bin", "OTHER__KEY": "x"}, lambda s: s.smtp.port, 25),
        ("smtp: {username: u, password: '${PW}'}", {"PW": "s3cret"}, lambda s: s.smtp.password, "s3cret"),
        ("database: {url: 'postgresql://u:${PW}@h/d'}", {"PW": "s"}, lambda s: s.database.url, "postgresql://u:s@h/d"),
        ("company: {name: '$${PW} $5'}", {}, lambda s: s.company.name, "${PW} $5"),
        ("smtp: {username: u, password: '${PW}'}", {"PW": "a: b #c"}, lambda s: s.smtp.password, "a: b #c"),
    ],
)  # fmt: skip
def test_the_environment_overrides_and_fills_in(text, environ, look, value):
    assert look(load_well(text, **environ)) == value


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"NURTURE_SMTP__PORT": "abc"}, "NURTURE_SMTP__PORT: A whole number"),
        ({"NURTURE_SMTP__PROT": "1"}, "did you mean port?"),
        ({"NURTURE_SMPT__PORT": "1"}, "did you mean smtp?"),
        ({"NURTURE_INBOX": "[{"}, "NURTURE_INBOX"),
        ({"NURTURE_SMTP__PORT__X": "1"}, "NURTURE_SMTP__PORT__X"),
    ],
)
def test_a_wrong_override_is_told_by_its_name(environ, words):
    _, problems = load("smtp: {port: 25}\n", **environ)
    assert {(problem.file, problem.line) for problem in problems} == {("environment", 1)}
    assert words in " ".join(map(str, problems))


@pytest.mark.parametrize(
    ("text", "environ", "place", "words"),
    [
        ("smtp:\n  username: u\n  password: ${PW}\n", {}, (3, 13), "export PW=…"),
        ("database:\n  url: postgresql://u:${PW}@h/d\n", {}, (2, 23), "${PW} is not set"),
        ("smtp: {username: u, password: '${SMTP_PASWORD}'}\n", {"SMTP_PASSWORD": "x"}, (1, 32), "did you mean ${SMTP_PASSWORD}?"),
    ],
)  # fmt: skip
def test_a_missing_secret_is_placed(text, environ, place, words):
    _, problems = load(text, **environ)
    assert [(problem.line, problem.column, problem.code) for problem in problems] == [
        (*place, "missing-secret")
    ]
    assert words in str(problems[0])


def test_secrets_stay_out_of_what_is_printed():
    made = load_well(
        "smtp: {username: u, password: hush}\ninbox: [{host: h, password: hush}]\n"
        "database: {url: 'postgresql://u:hush@h/d'}\nwebhooks: {a: {url: https://x.example, secret: hush}}\n"
    )
    assert "hush" not in repr(made)


# -- mistakes --------------------------------------------------------------------------------------------------

MISTAKES = [
    ("smpt: {}\n", 1, 1, "unknown-key", "did you mean smtp?"),
    ("smtp: {prot: 25}\n", 1, 8, "unknown-key", "did you mean port?"),
    ("smtp: {port: abc}\n", 1, 14, "wrong-type", "whole number"),
    ("smtp: {port: 99999}\n", 1, 14, "out-of-range", "65535"),
    ("smtp: {security: ssl}\n", 1, 18, "wrong-choice", "starttls"),
    ("smtp: {password: x}\n", 1, 18, "conflict", "username"),
    ("database: {url: 'mysql://x'}\n", 1, 17, "grammar", "sqlite:///"),
    ("inbox: [{kind: imap}]\n", 1, 9, "missing-key", "host"),
    ("inbox: [{host: h, after: move}]\n", 1, 26, "missing-key", "move_to"),
    ("company: {from: Bob b@x.example}\n", 1, 17, "grammar", "Name <name@company.example>"),
    ("company: {timezone: Europe/Berln}\n", 1, 21, "grammar", "Europe/Berlin"),
    ("company: {country: Germany}\n", 1, 20, "grammar", "write DE"),
    ("company: {languages: german}\n", 1, 22, "grammar", "de, en-GB"),
    ("company: {website: www.x.example}\n", 1, 20, "grammar", "https://"),
    ("send: {limit: 3 per wek}\n", 1, 15, "grammar", "week"),
    ("send: {window: mon-fry 09:00-17:00}\n", 1, 16, "grammar", ""),
    ("send: {consent: yes}\n", 1, 17, "wrong-choice", "confirmed"),
    ("send: {domains: {gmail: 5 per hour}}\n", 1, 18, "grammar", "domain"),
    ("tracking: {opens: yes}\n", 1, 19, "wrong-type", "write true"),
    ("retention: {junk: 3}\n", 1, 19, "grammar", "3 days"),
    ("scoring: {temperature: {warm: 80, hot: 70}}\n", 1, 40, "conflict", "hot must be more"),
    ("scoring: {mql: soon}\n", 1, 16, "wrong-type", "100"),
    ("scoring:\n  events:\n    page.veiwed: 3\n", 3, 5, "unknown-event", "page.viewed"),
    ("scoring:\n  events:\n    page.viewed: {points: 3, where: event.pth == 1}\n", 3, 43, "condition-name", "event.path"),
    ("scoring:\n  events:\n    page.viewed:\n      - {points: 3, where: lead.score = 1}\n", 4, 39, "condition-syntax", "=="),
    ("scoring: {profile: [{if: lead.contry == 'DE', points: 3}]}\n", 1, 31, "unknown-field", "lead.country"),
    ("scoring: {profile: [{if: entry.report == 'x', points: 3}]}\n", 1, 26, "condition-name", "no entry here"),
    ("qualification: {lead_card: [emial]}\n", 1, 29, "unknown-field", "did you mean email?"),
    ("team: [{name: Bob}]\n", 1, 8, "missing-key", "email"),
    ("team: [{email: bob, name: Bob}]\n", 1, 16, "grammar", "address"),
    ("team:\n  - {email: b@x.example, name: A}\n  - {email: B@x.example, name: B}\n", 3, 13, "duplicate-key", "twice"),
    ("team: [{email: b@x.example, name: B, away: 2026-13-01}]\n", 1, 44, "grammar", ".."),
    ("assignment: {rules: [{if: lead.score > 3, to: regoin}]}\n", 1, 47, "wrong-choice", "did you mean region?"),
    ("assignment: {rules: [{if: lead.score > 3, to: 'skill:x'}]}\n", 1, 47, "unknown-name", "skill"),
    ("assignment: {otherwise: bob@x.example}\n", 1, 25, "unknown-name", "bob@x.example"),
    ("assignment: {escalate: {to: boss}}\n", 1, 29, "wrong-choice", "manager"),
    ("fields: {email: text}\n", 1, 10, "conflict", "already"),
    ("fields: {my-field: text}\n", 1, 10, "grammar", "my_field"),
    ("fields: {a: nummber}\n", 1, 13, "wrong-choice", "did you mean number?"),
    ("fields: {a: {type: choice}}\n", 1, 20, "missing-key", "choices"),
    ("events: {Demo: {}}\n", 1, 10, "grammar", "small letters"),
    ("events: {reply.maybe: {}}\n", 1, 10, "conflict", "another name"),
    ("events: {a.b: {data: {x: txt}}}\n", 1, 26, "wrong-choice", "text"),
    ("forms: {x: {fields: []}}\n", 1, 21, "out-of-range", "at least 1"),
    ("forms: {x: {fields: [{name: emial}]}}\n", 1, 29, "unknown-field", "did you mean email?"),
    ("forms: {x: {fields: [{name: email}, {name: email}]}}\n", 1, 44, "duplicate-key", "twice"),
    ("forms: {x: {raises: report.dowloaded}}\n", 1, 21, "unknown-event", "report.downloaded"),
    ("forms: {x: {raises: report.downloaded, data: {reprot: y}}}\n", 1, 47, "unknown-field", "did you mean report?"),
    ("forms: {x: {due: 5 minutes}}\n", 1, 18, "conflict", "task"),
    ("forms: {x: {title: {german: a}}}\n", 1, 21, "wrong-type", "de, en-GB"),
    ("surveys: {x: {questions: [{name: a, type: choice}]}}\n", 1, 43, "missing-key", "choices"),
    ("surveys: {x: {questions: [{name: a, consent: later}]}}\n", 1, 46, "conflict", "checkbox"),
    ("holidays: {add: [{date: 13-45, name: x}]}\n", 1, 25, "grammar", "13-45"),
    ("webhooks: {x: {url: https://x.example, events: [lead.refuse]}}\n", 1, 49, "unknown-event", "lead.refused"),
    ("notify: {x: {}}\n", 1, 13, "missing-key", "to:"),
    ("replies: {below: 60}\n", 1, 18, "out-of-range", "0 to 1"),
    ("- a\n", 1, 1, "wrong-type", "not a list"),
    ("company: {name: a: b}\n", 1, 18, "syntax", ""),
    ("send: {}\nsend: {}\n", 2, 1, "duplicate-key", "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "code", "words"), MISTAKES)
def test_a_mistake_is_placed_and_explained(text, line, column, code, words):
    _, problems = load(text)
    assert [(problem.line, problem.column, problem.code) for problem in problems] == [(line, column, code)]
    assert words in str(problems[0])


NOT_YET = [
    ("smtp: {dkim: {domain: x.example, selector: a, key_file: k.pem}}\n", 8, "smtp.dkim"),
    ("send: {at_most: 100 per hour}\n", 8, "send.at_most"),
    ("send: {warm_up: {first_day: 5}}\n", 8, "send.warm_up"),
    ("send: {domains: {gmail.com: 5 per hour}}\n", 8, "send.domains"),
    ("qualification: {bant: {budget: Is there any?}}\n", 17, "qualification.bant"),
    ("qualification: {lead_card: [email]}\n", 17, "qualification.lead_card"),
    ("qualification: {customer_card: [email]}\n", 17, "qualification.customer_card"),
    ("qualification: {first_contact: 5 minutes}\n", 17, "qualification.first_contact"),
    ("qualification: {junk: {disposable: true}}\n", 17, "qualification.junk"),
    ("team: [{email: b@x.example, name: B, hours: sat 09:00-10:00}]\n", 38, "team.hours"),
    ("sources: {fair: {cost_per_month: 100}}\n", 18, "sources.fair.cost_per_month"),
    ("tracking: {opens: true}\n", 12, "tracking.opens"),
    ("tracking: {pages: true}\n", 12, "tracking.pages"),
    ("tracking: {cookie: 30 days}\n", 12, "tracking.cookie"),
    ("retention: {junk: 90 days}\n", 13, "retention.junk"),
]


@pytest.mark.parametrize(("text", "column", "key"), NOT_YET)
def test_a_key_without_effect_is_said_to_have_none(text, column, key):
    made, problems = load(text)
    assert made is not None
    (problem,) = problems
    assert (problem.line, problem.column, problem.code, problem.severity) == (1, column, "not-yet", "warning")
    assert problem.message.startswith(f"{key} has no effect yet: ")


def test_every_key_without_effect_is_tried():
    assert {".".join(part for part in key.path if part != "*") for key in KEYS} == {
        name.replace("sources.fair.", "sources.") for _, _, name in NOT_YET
    }


def test_a_key_without_effect_that_asks_for_nothing_is_left_alone():
    load_well("tracking: {opens: false, pages: false}\nretention: {junk: never}\n")
    load_well("qualification: {confirm: {forms: true}}\n")


def test_an_override_without_effect_is_said_too():
    _, problems = load("", NURTURE_TRACKING__OPENS="true")
    (problem,) = problems
    assert (problem.file, problem.code) == ("environment", "not-yet")


def test_sections_are_checked_against_one_another_even_when_one_is_broken():
    _, problems = load(
        "smtp: {port: x}\nscoring: {events: {page.veiwed: 3}}\nassignment: {otherwise: nobody@x.example}\n"
    )
    assert [(problem.line, problem.code) for problem in problems] == [
        (1, "wrong-type"), (2, "unknown-event"), (3, "unknown-name"),
    ]  # fmt: skip


def test_nothing_is_blamed_on_what_a_broken_section_would_have_declared():
    _, problems = load(
        "fields: {pumps: nmber}\nscoring: {profile: [{if: lead.pumps > 3, points: 5}]}\n"
        "team: [{email: x}]\nassignment: {otherwise: bob@x.example}\n"
    )
    assert {problem.line for problem in problems} == {1, 3}


# -- the schema, and any text ----------------------------------------------------------------------------------


class AsText(yaml.SafeLoader):
    """Reads dates as texts, as editors do."""


AsText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if "timestamp" not in tag]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_editor_s_schema_takes_the_starter_and_refuses_slips():
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    starter = yaml.load(STARTER.read_text(encoding="utf-8"), AsText)
    assert [error.message for error in validator.iter_errors(starter)] == []
    assert not validator.is_valid({"smtp": {"prot": 25}})
    assert not validator.is_valid({"smtp": {"port": "abc"}})


def test_the_editor_s_schema_explains_every_key():
    schema = config_schema()
    for name, definition in [("config.yaml", schema), *schema["$defs"].items()]:
        for key, said in definition.get("properties", {}).items():
            meant = schema["$defs"][said["$ref"].rsplit("/", 1)[1]] if "$ref" in said else said
            assert said.get("description") or meant.get("description"), f"{name}: {key}"


@given(
    st.text(alphabet="smtp: {}[]-\n\"'#a1${X}", max_size=60),
    st.dictionaries(
        st.sampled_from(["NURTURE_SMTP__PORT", "NURTURE_INBOX", "X", "NURTURE_A__B"]), st.text(max_size=8)
    ),
)
@settings(max_examples=300, deadline=None)
def test_any_text_and_environment_is_read_or_explained(text, environ):
    load(text, **environ)
