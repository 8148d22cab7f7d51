"""The page of all kinds of problem, for docs/reference/problems.md."""

from __future__ import annotations

from nurture.core.words import Word
from nurture.language.campaign_codes import CampaignCode
from nurture.language.problems import Code


def problem_codes() -> tuple[Word, ...]:
    """Every code `nurture check` may show, in the order of the alphabet."""
    return tuple(sorted((*Code, *CampaignCode), key=str))


def problems_page() -> str:
    """The page as Markdown: each code with its sentence."""
    rows = "\n".join(f"| `{code}` | {code.sentence} |" for code in problem_codes())
    return (
        "# Problems\n\n"
        "What `nurture check` may find in campaigns, templates and config.yaml. Each problem has a file, a line, a column "
        "and one of these codes;\nonly errors end the command with 1. The codes are stable: scripts may go by them.\n\n"
        f"| code | what it means |\n|---|---|\n{rows}\n"
    )
