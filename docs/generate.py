"""Writes docs/reference from the code: what is said once in the code is not said a second time by hand.

`python docs/generate.py` writes the pages; `--check` compares and ends with 1 when one is out of date.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from nurture.config import config_schema
from nurture.core import lifecycle, vocabulary
from nurture.core.gates import Gate
from nurture.core.words import Word
from nurture.language.calls import FUNCTIONS
from nurture.language.campaign_codes import CampaignCode
from nurture.language.problems import Code
from nurture.language.schema import campaign_schema
from nurture.mail.filters import FILTERS, TESTS
from nurture.mail.problems import TemplateCode

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Made by docs/generate.py from the code. Change the code, then run `make docs`. -->\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([cell_of(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell_of(text: str) -> str:
    """A text that can stand in a cell: no cell ends early, and `<address>` outside code is no tag."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if place % 2 else part.replace("<", "&lt;") for place, part in enumerate(parts))


def words(vocabulary_class: type[Word]) -> str:
    """A closed vocabulary as a table of its words and sentences."""
    return table(["word", "meaning"], ([f"`{word.value}`", word.sentence] for word in vocabulary_class))


# -- schemas ---------------------------------------------------------------------------------------------------

Schema = Mapping[str, Any]
STEP_KEYS = ("id", "if", "window", "after", "at", "within", "missed")


def kind(schema: Schema, defs: Schema) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return "a step" if name == "AnyStep" else f"[{title(name, defs)}](#{anchor(name, defs)})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return any_of([part for part in schema[several] if part.get("type") != "null"], defs)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        inner = kind(schema.get("items", {}), defs)
        return f"a list: {inner}" if inner else "a list"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"name → {kind(values, defs)}" if isinstance(values, Mapping) else "a mapping"
    if isinstance(schema.get("type"), list):
        return "text"
    return {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}.get(
        schema.get("type", ""), "text"
    )


def any_of(parts: list[Schema], defs: Schema) -> str:
    """One of several; `X or a list of X` in few words."""
    lists = [kind(part.get("items", {}), defs) for part in parts if part.get("type") == "array"]
    single = dict.fromkeys(kind(part, defs) for part in parts if part.get("type") != "array")
    said = [f"{each} or a list of them" if each in lists else each for each in single]
    said += [f"a list: {each}" for each in lists if each not in single]
    return " or ".join(said).replace("a step or a list of them", "steps")


def title(name: str, defs: Schema) -> str:
    """What a model is called for readers: `SendBlock` is send."""
    said = defs[name].get("title", name)
    return (
        str(said)
        if said[:1].islower()
        else "".join(f" {c.lower()}" if c.isupper() else c for c in said).strip()
    )


def anchor(name: str, defs: Schema) -> str:
    return title(name, defs).replace(" ", "-").lower()


def keys(schema: Schema, defs: Schema, leave_out: Iterable[str] = ()) -> str:
    """The keys of a mapping as a table."""
    required = set(schema.get("required", ()))
    rows = []
    for key, value in schema.get("properties", {}).items():
        if key in leave_out:
            continue
        said = str(value.get("description") or about(value, defs))
        default: Any = value.get("default")
        extra = f" Default: `{str(default).lower() if isinstance(default, bool) else default}`."
        shown = default not in (None, "") and f"`{default}`" not in said
        rows.append(
            [f"`{key}`" + (" *required*" if key in required else ""), kind(value, defs), said + extra * shown]
        )
    return table(["key", "value", "meaning"], rows)


def about(schema: Schema, defs: Schema) -> str:
    """The sentence of what a reference points to."""
    for part in (schema, *schema.get("anyOf", ())):
        if "$ref" in part:
            return str(defs[part["$ref"].rsplit("/", 1)[1]].get("description", ""))
    return ""


def reachable(schema: Schema, defs: Schema, seen: dict[str, None]) -> dict[str, None]:
    """The models a schema refers to, in the order of reading."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            if name not in seen:
                seen[name] = None
                reachable(defs[name], defs, seen)
        for value in schema.values():
            reachable(value, defs, seen)
    elif isinstance(schema, list):
        for value in schema:
            reachable(value, defs, seen)
    return seen


def campaign_page() -> str:
    schema = campaign_schema()
    defs: Schema = schema["$defs"]
    steps = [name for name in reachable(schema["$defs"]["AnyStep"], defs, {}) if name.endswith("Step")]
    steps = [name for name in steps if name != "AnyStep"]
    others = [
        name for name in reachable(schema["properties"], defs, {}) if name not in steps and name != "AnyStep"
    ]
    common = {
        **defs["EmailStep"],
        "properties": {k: defs["EmailStep"]["properties"][k] for k in STEP_KEYS},
        "required": [],
    }
    parts = [
        "# The campaign file",
        "Every key of `campaigns/NAME.yaml`. How to use them: [the marketer's guide](../guide/marketer.md). "
        "The same as JSON Schema, for editors: `nurture schema campaign`.",
        "## Keys of a campaign",
        keys(schema, defs),
        "## Keys every step may have",
        keys(common, defs),
        "## The verbs",
        "A step has exactly one of these verbs.",
    ]
    for name in steps:
        parts += [
            f"### {title(name, defs)}",
            defs[name].get("description", ""),
            keys(defs[name], defs, STEP_KEYS),
        ]
    parts.append("## The parts")
    for name in others:
        parts += [f"### {title(name, defs)}", defs[name].get("description", ""), keys(defs[name], defs)]
    return "\n\n".join(parts)


def config_page() -> str:
    schema = config_schema()
    defs = schema["$defs"]
    parts = [
        "# config.yaml",
        "Every section and key; all may be left out. A key can be overridden by an environment variable "
        "(`NURTURE_SMTP__PORT=2525` is `smtp.port`), and `${NAME}` takes a secret from the environment. "
        "The same as JSON Schema, for editors: `nurture schema config`.",
        "## Sections",
        keys(schema, defs),
        "## Their keys",
    ]
    for name in reachable(schema["properties"], defs, {}):
        parts += [f"### {title(name, defs)}", defs[name].get("description", ""), keys(defs[name], defs)]
    return "\n\n".join(parts)


# -- vocabularies ----------------------------------------------------------------------------------------------


def problems_page() -> str:
    def rows(*codes: type[Word]) -> list[list[str]]:
        found = sorted({word.value: word.sentence for each in codes for word in each}.items())
        return [[f"`{code}`", sentence] for code, sentence in found]

    return "\n\n".join([
        "# Problems",
        "What `nurture check` may find. Every problem has a file, a line, a column and one of these codes; only errors "
        "end the command with 1. The codes are stable: scripts may go by them.",
        "## In campaigns and config.yaml",
        table(["code", "meaning"], rows(Code, CampaignCode)),
        "## In templates",
        table(["code", "meaning"], rows(TemplateCode)),
    ])  # fmt: skip


def events_page() -> str:
    def data(kinds: Mapping[str, vocabulary.Kind]) -> str:
        return ", ".join(f"`{key}`" + ("" if of == "text" else f" ({of})") for key, of in kinds.items())

    return "\n\n".join([
        "# Events and fields",
        "## Events",
        "Every event also has `type` and `at` (when it happened). `reply` stands for every `reply.*`. "
        "Own events are declared under `events:` in config.yaml.",
        table(
            ["event", "means", "data"],
            ([f"`{name}`", e.sentence, data(e.data)] for name, e in vocabulary.EVENTS.items()),
        ),
        "## Fields of a lead",
        "Own fields are declared under `fields:` in config.yaml.",
        table(
            ["field", "kind", "means"],
            ([f"`lead.{n}`", f.kind.value, f.sentence] for n, f in vocabulary.LEAD_FIELDS.items()),
        ),
        "## Beside the lead",
        table(
            ["name", "holds"],
            [
                ["`owner`", data(vocabulary.OWNER)],
                ["`campaign`", data(vocabulary.CAMPAIGN)],
                ["`entry`", "the data of the event that let the lead in; for a holiday: " + data(vocabulary.HOLIDAY_ENTRY)],
                ["`event`", "the data of the event being handled"],
                ["`now`", "the time"],
            ],
        ),
    ])  # fmt: skip


def words_page() -> str:
    classes: list[tuple[str, type[Word], str]] = [
        ("Stages of a lead", vocabulary.LeadStage, ""),
        ("Temperature", vocabulary.Temperature, ""),
        ("Consent", vocabulary.Consent, ""),
        ("States of a run through a campaign", vocabulary.EnrolmentState, ""),
        ("States of an email", vocabulary.MessageState, ""),
        ("Gates before an email", Gate, "They are asked in this order; the first that is closed decides. `nurture lead why` shows its word."),
        ("Kinds of incoming mail", vocabulary.ReplyKind, ""),
        ("What a reply wants", vocabulary.Intent, ""),
        ("Why people refuse", vocabulary.RefusalReason, ""),
        ("Kinds of values", vocabulary.Kind, ""),
    ]  # fmt: skip
    parts = ["# Words", "The closed vocabularies: the words you meet in commands, files and the console."]
    for heading, each, note in classes:
        parts += [f"## {heading}", *([note] if note else []), words(each)]
    return "\n\n".join(parts)


def conditions_page() -> str:
    rows = []
    for name, function in FUNCTIONS.items():
        given = f"[{function.argument}]" if function.optional else function.argument
        named = "".join(f", {word}=…" for word in function.named)
        where = ", DATA=…" if function.argument == "event" else ""
        rows.append([f"`{name}({given}{named}{where})`", function.gives.value, function.sentence])
    return "\n\n".join([
        "# Conditions and templates",
        "## Conditions",
        'After `if:`, `when:`, `goal:`, `where:`. A small part of Python\'s expressions: `lead.country == "DE"`, '
        "`and or not`, `in`, `< <= == != >= >`, `+ - * /`, brackets, and the functions below. Nothing else can be called. "
        "A missing value makes the condition unknown, which counts as no and is shown by `nurture lead why`.",
        table(["function", "gives", "means"], rows),
        "Names: [events and fields](events.md).",
        "## Templates",
        "`{{ value | filter }}` in emails and in texts of campaigns. A missing value is empty, and `{% if lead.company %}` "
        "asks whether it is there.",
        "Filters: " + ", ".join(f"`{name}`" for name in FILTERS) + ".",
        "Tests (after `is`): " + ", ".join(f"`{name}`" for name in TESTS if name.isalpha()) + ".",
    ])  # fmt: skip


def lifecycles_page() -> str:
    tables: list[tuple[str, lifecycle.Table, str, type[Word] | None]] = [
        ("A lead's stage", lifecycle.STAGE, "new", vocabulary.LeadStage),
        ("A run through a campaign", lifecycle.ENROLMENT, "active", vocabulary.EnrolmentState),
        ("An email", lifecycle.MESSAGE, "queued", vocabulary.MessageState),
        ("A task", lifecycle.TASK, "open", None),
    ]
    parts = [
        "# Life-cycles",
        "Drawn from the tables in `nurture/core/lifecycle.py`; a step that is not in a picture is refused.",
    ]
    for heading, moves, first, each in tables:
        parts += [f"## {heading}", diagram(moves, first), *([words(each)] if each else [])]
    return "\n\n".join(parts)


def diagram(moves: lifecycle.Table, first: str) -> str:
    """A Mermaid state diagram; steps between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, step), after in moves.items():
        arrows.setdefault((state, after), []).append(step)
    lines = [f"    {state} --> {after}: {', '.join(steps)}" for (state, after), steps in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {first}", *lines, "```"])


# -- commands --------------------------------------------------------------------------------------------------


def cli_page() -> str:
    """Every command with its arguments, options and help; what `--help` shows."""
    import typer

    from nurture.cli.main import app

    parts = [
        "# The command line",
        "Works in the current folder's project (`config.yaml`, `campaigns/`, `templates/`), or `--project DIR`. "
        "Commands that show something have `--json`. They end with 0: done; 1: the answer is no; 2: wrong use; "
        "3: a fault of ours; 4: the outside world failed.",
    ]

    def walk(command: Any, name: str) -> None:
        if name != "nurture":
            parts.extend(command_part(command, name))
        for each, inner in getattr(command, "commands", {}).items():
            if not inner.hidden:
                walk(inner, f"{name} {each}")

    walk(typer.main.get_command(app), "nurture")
    return "\n\n".join(parts)


def command_part(command: Any, name: str) -> list[str]:
    def clean(text: str | None) -> str:
        return "\n".join(line.strip() for line in (text or "").replace("\b", "").strip().splitlines())

    level = "##" if name.count(" ") == 1 else "###"
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([name, *(metavar(p) for p in arguments)])
    rows = [
        [", ".join(f"`{o}`" for o in (*p.opts, *p.secondary_opts)), (p.help or "").replace("\n", " ")]
        for p in command.params
        if p.param_type_name == "option" and not p.hidden and "--help" not in p.opts
    ]
    called = re.fullmatch(r"Example: (nurture [^(]*)", clean(command.epilog))
    example = f"```sh\n{called[1]}\n```" if called else clean(command.epilog)
    shown = [f"{level} {name}", f"`{usage}`" if arguments else "", clean(command.help), example]
    return [part for part in (*shown, table(["option", "meaning"], rows) if rows else "") if part]


def metavar(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    name = name.strip("[]").removesuffix("...").strip("[]")
    several = "…" if argument.nargs != 1 else ""
    return f"{name}{several}" if argument.required else f"[{name}{several}]"


PAGES: dict[str, Callable[[], str]] = {
    "campaign.md": campaign_page,
    "config.md": config_page,
    "conditions.md": conditions_page,
    "events.md": events_page,
    "words.md": words_page,
    "lifecycles.md": lifecycles_page,
    "problems.md": problems_page,
}
if importlib.util.find_spec("nurture.cli.main"):
    PAGES["cli.md"] = cli_page


def page(name: str) -> str:
    """The whole text of a page."""
    return f"{NOTE}{PAGES[name]()}\n"


def main(arguments: list[str]) -> int:
    """Write or check all pages; answer the exit code."""
    FOLDER.mkdir(exist_ok=True)
    old = [n for n in PAGES if not (FOLDER / n).exists() or (FOLDER / n).read_text() != page(n)]
    if "--check" in arguments:
        for name in old:
            print(f"docs/reference/{name} is out of date: run `make docs`")
        return 1 if old else 0
    for name in old:
        (FOLDER / name).write_text(page(name))
        print(f"written: docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
