"""Every template an `email` names exists and can be read, and a `*` matches at least one."""

from __future__ import annotations

from nurture.core.graph import Graph
from nurture.language.bench import Bench
from nurture.language.ids import expand
from nurture.language.problems import Code, did_you_mean
from nurture.language.schema_steps import EmailStep


def check(bench: Bench, graph: Graph) -> None:
    """`email: welcom` where templates/welcome.md is meant; `email: digest/*` where there is no digest."""
    known = bench.known.templates
    if known is None:
        return
    for placed in bench.steps:
        if not isinstance(placed.step, EmailStep):
            continue
        listed = isinstance(bench.source.get((*placed.path, "email")), list)
        for index, name in enumerate(placed.step.email):
            path = (*placed.path, "email", index) if listed else (*placed.path, "email")
            if "*" in name and not expand(name, known):
                message = f"No template matches {name}."
                bench.error(
                    path, Code.UNKNOWN_TEMPLATE, message, f"add templates/{name.replace('*', 'first')}.md"
                )
            elif "*" not in name and name not in known:
                near = did_you_mean(name, known)
                hint = f"did you mean {near}?" if near else f"add templates/{name}.md"
                bench.error(path, Code.UNKNOWN_TEMPLATE, f"There is no template {name}.", hint)
