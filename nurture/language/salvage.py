"""The models of a campaign file, as far as it can be read.

A file that does not fit its schema may have other problems too: what does not fit is left out, so that the rest can be
checked in the same run. Nothing made from such a rest is ever run.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from pydantic import ValidationError

from nurture.language.problems import Problems
from nurture.language.schema import CampaignFile
from nurture.language.shape import follow, validate
from nurture.language.source import Data, Path, Source
from nurture.language.verbs import VERBS, verb_of

ROUNDS: Final = 12
"""How often what does not fit is left out before giving up."""

_STAND_INS: Final[dict[str, Data]] = {
    "title": "?",
    "enter": {"manual": "true"},
    "steps": [{"tag": "left-out"}],
}
"""What stands for the three keys that must be there."""


def read_model(source: Source, problems: Problems) -> tuple[CampaignFile | None, bool]:
    """The models, and whether they are the whole file. None when next to nothing of it can be read."""
    model = validate(CampaignFile, source, problems)
    if model is not None:
        return model, True
    if not isinstance(source.data, dict):
        return None, False
    rest = _Rest(source)
    for _ in range(ROUNDS):
        try:
            return CampaignFile.model_validate(rest.data, context={}), False
        except ValidationError as error:
            rest.leave_out(error)
        rest.say_more(problems)
    return None, False


def _is_verb(path: Path) -> bool:
    """Whether the key of a step in a list may be the verb: in `steps`, `paths`, `on`, and blocks inside."""
    return len(path) > 2 and path[0] != "tests" and isinstance(path[-2], int) and path[-1] in VERBS


class _Rest:
    """A copy of a file's data from which parts are left out, at places that stay."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data: Any = deepcopy(source.data)
        self.gone: set[Path] = set()
        self.known: set[tuple[int, int]] = set()

    def leave_out(self, error: ValidationError) -> None:
        """Leave out each value the error is about."""
        for details in error.errors(include_url=False, include_input=False):
            loc = tuple(details["loc"])
            if details["type"] == "missing":
                path = follow(self.source, (), loc[:-1], wants_mapping=True)
                if path == () and str(loc[-1]) in _STAND_INS:
                    self.data[loc[-1]] = deepcopy(_STAND_INS[str(loc[-1])])
                    continue
            else:
                path = follow(self.source, (), loc)
            self.remove(path)

    def remove(self, path: Path) -> None:
        """Leave one value out; a list keeps its length, so that places stay true."""
        while path in self.gone and path:
            path = path[:-1]
        if _is_verb(path) and verb_of(self.source.get(path[:-1])) == path[-1]:
            path = path[:-1]  # What goes with a verb means nothing without it.
        for length in range(len(path) + 1):
            self.known.add(self.source.key_place(path[:length])[:2])
            self.known.add(self.source.value_place(path[:length])[:2])
        if not path:
            return
        self.gone.add(path)
        holder = self.data
        for part in path[:-1]:
            try:
                holder = holder[part]
            except (KeyError, IndexError, TypeError):
                return
        if isinstance(holder, dict):
            holder.pop(path[-1], None)
        elif isinstance(holder, list) and isinstance(path[-1], int) and path[-1] < len(holder):
            holder[path[-1]] = {"tag": "left-out"}

    def say_more(self, problems: Problems) -> None:
        """Report what was hidden behind the problems said before."""
        found = Problems(self.source.file)
        validate(CampaignFile, self.source, found, data=self.data)
        for problem in found:
            if (problem.line, problem.column) not in self.known:
                problems.add(problem)
