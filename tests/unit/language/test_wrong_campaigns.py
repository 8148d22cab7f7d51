"""Wrong campaigns: each mark «code» stands right before what its problem points at. No other problem is allowed."""

from __future__ import annotations

import pytest
from campaign_bench import HEAD, load, unmarked

STEP = "steps: [ { tag: x } ]\n"

FILES = {
    "empty": "«missing-key»\n",
    "no steps": "«missing-key»title: Test\nenter: { on: report.downloaded }\n",
    "unknown key": HEAD + "«unknown-key»stepps: 1\n" + STEP,
    "unknown status": HEAD + "status: «wrong-choice»alive\n" + STEP,
    "wrong duration": HEAD + "steps:\n  - id: a\n    after: «grammar»3 dayz\n    tag: x\n",
    "duration without unit": HEAD + "steps:\n  - id: a\n    after: «grammar»3\n    tag: x\n",
    "wrong point": HEAD + "steps:\n  - id: a\n    at: «grammar»tomorrow\n    tag: x\n",
    "wrong window": HEAD + "send: { window: «grammar»mo-fr 8-18 }\n" + STEP,
    "wrong window in a list": HEAD + "send: { window: [any, «grammar»sat] }\n" + STEP,
    "wrong limit": HEAD + "send: { limit: «grammar»two weekly }\n" + STEP,
    "wrong every": HEAD + "steps:\n  - id: a\n    repeat: { every: «grammar»now, steps: [ { tag: x } ] }\n",
    "wrong again": "title: T\nenter: { on: report.downloaded, again: «grammar»180 days }\n" + STEP,
    "runs backwards": HEAD + "runs: «grammar»2027-06-30 .. 2027-04-01\n" + STEP,
    "not a whole number": HEAD + "steps: [ { score: «wrong-type»ten } ]\n",
    "no rounds": HEAD
    + "steps:\n  - id: a\n    repeat: { every: 1 day, times: «out-of-range»0, steps: { tag: x } }\n",
    "a step is a text": HEAD + "steps:\n  - «wrong-type»stop\n",
    "a step without a verb": HEAD + "steps:\n  - «missing-key»after: 3 days\n",
    "an empty step": HEAD + "steps:\n  - «missing-key»{}\n",
    "two verbs": HEAD + "steps:\n  - email: a\n    «conflict»goto: x\n",
    "a verb misspelt": HEAD + "steps:\n  - «unknown-key»emial: a\n",
    "a key misspelt": HEAD + "steps:\n  - email: a\n    «unknown-key»aftre: 3 days\n",
    "patience that cannot be read": HEAD
    + "steps:\n  - id: x\n    wait_for: reply\n    for: «grammar»5 dayz\n",
    "patience misspelt": HEAD + "steps:\n  - id: x\n    wait_for: reply\n    «unknown-key»untill: day 3\n",
    "a verb misspelt beside if": HEAD
    + "steps:\n  - «unknown-key»emial: a\n    if: known(lead.phone)\n    latest: day 3\n",
    "a verb without what it needs": HEAD
    + "steps:\n  - email:«wrong-type»\n    if: known(lead.phone)\n    latest: day 3\n",
    "results misspelt": HEAD
    + "steps:\n  - id: t\n    task: Call\n    «unknown-key»resluts: { yes: { tag: x } }\n    for: 3 days\n    else: { tag: y }\n",
    "the last case misspelt": HEAD
    + "steps:\n  - choose:\n      - { if: known(lead.phone), then: { tag: x } }\n      - «unknown-key»lese: { tag: y }\n",
    "a reaction that is no step": HEAD + "on: { reply: «wrong-type»-12 }\n" + STEP,
    "a key twice, first without value": HEAD + "steps:\n«duplicate-key»steps: [ { tag: x } ]\n",
    "half a window": HEAD + "send: { window: «grammar»mon-fri 09:00- }\n" + STEP,
    "a name with blanks": HEAD + "steps:\n  - id: «grammar»my step\n    email: a\n",
    "a list is empty": HEAD + "steps: «out-of-range»[]\n",
    "a reaction with its verb beside once": HEAD
    + "steps: { email: a }\non:\n  score.hot: { once: 7 days, «unknown-key»goto: a }\n",
    "two problems in one step": HEAD
    + "steps:\n  - email: «unknown-template»aa\n    «unknown-key»aftre: 3 days\n    window: «grammar»never\n",
    "problems in and around a block": HEAD
    + "steps:\n  - if: lead.«unknown-field»contry == 1\n    «unknown-key»els: []\n    then:\n      - email: «unknown-template»aa\n"
    "        after: «grammar»x\n  - goto: «unknown-target»nowhere\n",
}

STEPS = {
    "goto nowhere": "- goto: «unknown-target»nowhere\n",
    "goto into a block": "- if: known(lead.phone)\n  then: [ { email: a } ]\n- goto: «unknown-target»a\n",
    "no id: wait_for": "- «missing-id»wait_for: webinar.attended\n  for: 1 day\n",
    "no id: repeat": "- «missing-id»repeat: { every: 1 day, steps: { email: a } }\n",
    "no id: rotation": "- «missing-id»email: [a, b]\n",
    "no id: digest": "- «missing-id»email: digest/*\n",
    "no id: after": "- «missing-id»after: 1 day\n  tag: x\n",
    "no id: at": "- «missing-id»tag: x\n  at: day 2\n",
    "no id: window": "- «missing-id»tag: x\n  window: sat 09:00-10:00\n",
    "no id: task with results": "- «missing-id»task: Call\n  results: { yes: { tag: x } }\n",
    "one id twice": "- { id: x, email: a }\n- { id: «duplicate-id»x, email: b }\n",
    "one email twice": "- email: a\n- email: «duplicate-id»a\n",
    "an id like a path": "- { id: «duplicate-id»x, email: a }\n- goto: x\npaths: { x: { stop: y } }\n",
    "unknown template": "- email: «unknown-template»webinar_invit\n",
    "unknown template in a rotation": "- { id: x, email: [a, «unknown-template»z] }\n",
    "nothing matches": "- { id: x, email: «unknown-template»news/* }\n",
    "template in no language of ours": "- «missing-language»email: german\n",
    "template reads what another event has": "- «template»email: webinar_mail\n",
    "template reads what no event has": "- «template»email: slip_mail\n",
    "unknown event": "- { id: x, wait_for: «unknown-event»webinar.attendet, for: 1 day }\n",
    "unknown event in a list": "- { id: x, wait_for: [reply, «unknown-event»replies], for: 1 day }\n",
    "unknown event in a mapping": "- id: x\n  wait_for:\n    «unknown-event»webinar.attend: { tag: x }\n  for: 1 day\n",
    "no patience": "- id: x\n  «missing-patience»wait_for: reply\n",
    "patience without a value": "- id: x\n  wait_for: reply\n  «missing-patience»for:\n",
    "a time without a value": "- id: x\n  «no-value»at:\n  email: a\n",
    "one goto nowhere is not two problems": "- goto: «unknown-target»hree\npaths: { here: { tag: x } }\n",
    "too much patience": "- id: x\n  wait_for: reply\n  for: 1 day\n  «conflict»until: day 3\n",
    "where on a wrong field": "- { id: x, wait_for: webinar.attended, where: event.«condition-name»report == \"x\", for: 1 day }\n",
    "condition is a text": "- if: «condition-type»lead.country\n  then: { tag: x }\n",
    "condition cannot be read": "- if: lead.score «condition-syntax»>\n  then: { tag: x }\n",
    "unknown field": "- if: lead.«unknown-field»contry == \"DE\"\n  then: { tag: x }\n",
    "unknown function": "- if: «condition-call»hapened(\"reply\")\n  then: { tag: x }\n",
    "unknown event in a condition": "- if: happened(«unknown-event»\"replied\")\n  then: { tag: x }\n",
    "unknown template in a condition": "- if: got(«unknown-template»\"z\")\n  then: { tag: x }\n",
    "if of a step": "- { tag: x, if: lead.«unknown-field»nam == \"x\" }\n",
    "a branch that leads nowhere": "- «conflict»if: known(lead.phone)\n",
    "choose goes on after else": "- choose:\n    - «conflict»else: { tag: x }\n    - { if: known(lead.phone), then: { tag: y } }\n",
    "text never closed": "- task: Call «template»{{ lead.name\n",
    "text reads an unknown field": "- task: Call {{ «template»lead.nmae }}\n",
    "text reads what the event lacks": "- task: \"About {{ «template»entry.webinar }}\"\n",
    "text in a block scalar": "- task: >\n    Call them soon,\n    about {{ «template»entry.webinar }}\n",
    "set an unknown field": "- set: { «unknown-field»sectr: pumps }\n",
    "set the stage": "- set: { «conflict»stage: mql }\n",
    "unknown stage": "- stage: «unknown-stage»qualified\n",
    "stage refused": "- stage: «conflict»refused\n",
    "unknown campaign": "- start: «unknown-campaign»farwell\n",
    "stop an unknown campaign": "- stop: { campaign: «unknown-campaign»farwell }\n",
    "unknown webhook": "- webhook: «unknown-name»crn\n",
    "unknown person": "- notify: «unknown-name»boss\n  text: Hello\n",
    "task for an unknown person": "- task: Call\n  who: «unknown-name»joe@example.org\n",
    "sender is a word": "- email: a\n  from: «unknown-name»boss\n",
    "postpone to nothing": "- postpone: «grammar»soon\n",
    "postpone to no date": "- postpone: «grammar»2027-02-30\n",
    "results of a task that does not wait": "- task: Call\n  «conflict»for: 3 days\n",
    "else of an email that is never late": "- email: a\n  «conflict»else: { tag: x }\n",
    "missed without at": "- email: a\n  «conflict»missed: send\n",
    "pick without a rotation": "- email: a\n  «conflict»pick: newest\n",
    "arms and paths differ": "- split: { a: 50, b: 50 }\n  paths: { a: { tag: x }, «unknown-target»c: { tag: y } }\n",
    "no shares": "- split: «out-of-range»{ a: 0, b: 0 }\n  paths: { a: { tag: x } }\n",
    "a winner": "- split: { a: 1, b: 1 }\n  paths: { a: { tag: x } }\n  «not-yet»winner: { by: clicked, after: 200 people }\n",
    "after a goto": "- goto: x\n- «unreachable»tag: y\npaths: { x: { tag: x } }\n",
    "a path nobody takes": "- tag: x\npaths:\n  «unreachable»y: { tag: y }\n",
    "a circle": "- { id: a, tag: x }\n- «endless»goto: a\n",
    "a circle by way of an email": "- goto: x\npaths:\n  x:\n    - email: a\n    - «endless»goto: x\n",
    "a circle by a day that may have passed": "- { id: a, at: day 3, tag: x }\n- «endless»goto: a\n",
    "no way out": "- «no-way-out»{ id: a, after: 1 week, tag: x }\n- goto: a\n",
    "outside the window": "- «outside-window»{ email: a, at: day 3 19:30 }\nsend: { window: mon-fri 08:00-18:00 }\n",
    "after: … at outside the window": "- «outside-window»{ email: a, after: 1 day at 07:59 }\nsend: { window: mon-fri 08:00-18:00 }\n",
    "outside the step's own window": "- «outside-window»{ email: a, at: day 3 12:00, window: sat 08:00-09:00 }\n",
    "days backwards": "- { email: a, at: day 7 09:00 }\n- { email: b, at: «impossible-time»day 3 09:00 }\n",
    "a point from nowhere": "- { email: a, at: «unknown-field»1 day before entry.starts_at }\n",
    "a point from no time": "- { email: a, at: «wrong-type»1 day before lead.score }\n",
    "more rounds than the limit lets out": "- «never-fits»id: x\n  repeat: { every: 1 week, steps: { email: a } }\nsend: { limit: 1 per month }\n",
    "an email in a reaction": "- tag: x\non:\n  score.hot: { «rests-in-reaction»email: a }\n",
    "a delay in a reaction": "- tag: x\non:\n  score.hot:\n    - { tag: y, «rests-in-reaction»after: 1 day }\n",
    "a wait in a branch of a reaction": "- tag: x\non:\n  reply:\n    if: known(lead.phone)\n    then:\n"
    "      - «rests-in-reaction»wait_for: reply\n        for: 1 day\n",
    "a reaction to nothing": "- tag: x\non:\n  «unknown-event»score.hott: { tag: y }\n",
    "the email tests expect is misspelt in a step": "- email: «unknown-template»artcle\ntests: [ { name: x, expect: [ { day 1 10:00: email article } ] } ]\n",
    "a test of nothing": "- email: a\ntests: [ «missing-key»{ name: x } ]\n",
    "a path called steps": "- email: a\n- goto: on.x\npaths: { «conflict»on.x: { tag: x } }\n",
    "a reaction without steps": "- tag: x\non:\n  «missing-key»score.hot: { once: 1 day }\n",
    "moved to nowhere": "- email: a\nmoved: { old: «unknown-target»new }\n",
    "unknown topic": "- email: a\nsend: { topic: «unknown-name»greeting }\n",
    "unknown stage to serve": "- email: a\nstages: [new, «unknown-stage»lead]\n",
    "unknown with": "- email: a\ntests: [ { name: x, with: [«unknown-campaign»fare] } ]\n",
}  # fmt: skip

ENTRIES = {
    "nothing": "«missing-key»enter: {}\n",
    "two ways": "enter: { on: reply, «conflict»once: 2027-01-01 10:00 }\n",
    "unknown event": "enter: { on: «unknown-event»report.download }\n",
    "unknown event in a list": "enter: { on: [reply, «unknown-event»report.download] }\n",
    "each reads what is not there": "enter: { on: reply, each: event.«condition-name»report }\n",
    "if reads what is not there": 'enter: { on: reply.later, if: event.«condition-name»report == "x" }\n',
    "stage": "enter: { on: reply, stage: «unknown-stage»nurtured }\n",
    "back to new": "enter: { on: reply, stage: «conflict»new }\n",
    "a holiday misspelt": "enter: { holiday: { only: [«unknown-name»chrismas] } }\n",
    "a birthday nobody declared": "enter: { yearly: { field: «unknown-field»lead.birthday } }\n",
    "existing without when": "enter: { on: reply, «conflict»existing: true }\n",
    "when and if": "enter: { when: lead.score > 1, «conflict»if: lead.score > 2 }\n",
    "once without a clock": "enter: { once: «grammar»2027-01-01 }\n",
    "true is true": "enter: { manual: «wrong-type»yes }\n",
}

TESTS = {
    "unknown event": "story: [ { day 1 10:00: «unknown-event»report.download } ]",
    "unknown data": "story: [ { day 1 10:00: { report.downloaded: { «unknown-field»raport: x } } } ]",
    "data of a wrong kind": "story: [ { day 1 10:00: { feedback.given: { rating: «wrong-type»good } } } ]",
    "no time": "story: [ «wrong-type»reply.later ]",
    "no clock": "story: [ { «grammar»day 1: reply.later } ]",
    "no point": "story: [ { «grammar»noon: reply.later } ]",
    "before the story": "start: monday 10:00\n    story: [ { «impossible-time»day 1 09:00: reply.later } ]",
    "backwards": "story: [ { day 2 09:00: reply.later }, { «impossible-time»day 1 09:00: reply.later } ]",
    "no start": "start: «grammar»day 3",
    "unknown field": "lead: { «unknown-field»contry: GB }",
    "unknown stage": "lead: { stage: «wrong-choice»lead }",
    "unknown field set": "story: [ { day 1 10:00: { set: { «unknown-field»contry: GB } } } ]",
    "no such result": "story: [ { day 1 10:00: { task: «wrong-choice»reached } } ]",
    "unknown effect": "expect: [ { day 1 10:00: «wrong-choice»mail a } ]",
    "no name": "expect: [ { day 1 10:00: «grammar»email } ]",
    "an email of another campaign": "expect: [ { day 1 10:00: «unknown-template»email b } ]",
    "a stage that is none": "expect: [ { day 1 10:00: «unknown-stage»stage lead } ]",
    "what is expected among what happens": "story:\n      - day 2 10:00: reply.later\n      - day 1 10:00: «wrong-choice»email a\n      - day 1 10:00: task",
    "an email of another campaign, twice": "expect: [ { day 1 10:00: «unknown-template»email b }, { day 2 10:00: email b } ]",
    "any reply": "story: [ { day 1 10:00: «unknown-event»reply } ]",
    "an entry of nothing": "story:\n      -«wrong-type»",
    "no country": "lead: { country: «wrong-choice»Gj }",
    "a key without a value": "«no-value»expect:",
    "two things at once": "story: [ { day 1 10:00: «wrong-type»{ reply.later: {}, reply: {} } } ]",
    "unknown key": "«unknown-key»expects: []",
    "scoring is on or off": "scoring: «wrong-choice»none",
}

CASES = {
    **{f"file: {name}": text for name, text in FILES.items()},
    **{f"steps: {name}": f"{HEAD}steps:\n{text}" for name, text in STEPS.items()},
    **{f"enter: {name}": f"title: T\n{text}{STEP}" for name, text in ENTRIES.items()},
    **{
        f"tests: {name}": f"{HEAD}steps: [ {{ email: a }} ]\ntests:\n  - name: x\n    {text}\n"
        for name, text in TESTS.items()
    },
}


@pytest.mark.parametrize("marked", CASES.values(), ids=CASES.keys())
def test_the_problem_is_where_the_author_would_mend_it(marked: str) -> None:
    text, marks = unmarked(marked)
    loaded = load(text)
    found = dict.fromkeys((problem.line, problem.column, problem.code.value) for problem in loaded.problems)
    assert list(found) == marks, "\n".join(map(str, loaded.problems))
    assert (loaded.graph is None) == any(problem.severity == "error" for problem in loaded.problems)


@pytest.mark.parametrize("marked", CASES.values(), ids=CASES.keys())
def test_it_is_said_in_a_sentence_with_the_authors_words(marked: str) -> None:
    text, _ = unmarked(marked)
    for problem in load(text).problems:
        assert problem.message.endswith((".", "?", "!", ")"))
        for foreign in (
            "pydantic",
            "validator",
            "NoneType",
            "dict",
            "object",
            "Traceback",
            "str",
            "Input should",
        ):
            assert foreign not in f"{problem.message} {problem.hint}".replace("strict", "").split()
