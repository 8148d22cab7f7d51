"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite numbers rows by itself only for INTEGER."""


class UtcTime(TypeDecorator[datetime]):
    """An instant in UTC. A naive datetime is refused on the way in; an aware one comes out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database. Raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware datetime in UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """Plain data as JSON text. Times and dates are kept as such: `{"$t": …}` and `{"$d": …}`.

    Data that looks so itself has one `$` more in the text.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """JSON text; None stays NULL."""
        return None if value is None else dump_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The data again."""
        return None if value is None else load_json(value)


_MARK = re.compile(r"\$+[td]")


def dump_json(value: Any) -> str:
    """Plain data as JSON text, keys sorted, times and dates marked."""
    written = _dumps(value)
    if '"$' in written and _looks_marked(value):
        written = _dumps(_escaped(value))
    return written.encode("utf-8", "replace").decode("utf-8")


def load_json(text: str) -> Any:
    """What `dump_json` wrote."""
    return json.loads(text, object_hook=_unmark) if '"$' in text else json.loads(text)


def _dumps(value: Any) -> str:
    return json.dumps(value, default=_mark, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _mark(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$t": value.isoformat()}
    if isinstance(value, date):
        return {"$d": value.isoformat()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    if hasattr(value, "items"):
        return dict(value.items())
    raise TypeError(f"{type(value).__name__} is not plain data")


def _is_mark(value: Mapping[Any, Any]) -> bool:
    return len(value) == 1 and all(isinstance(key, str) and _MARK.fullmatch(key) for key in value)


def _looks_marked(value: Any) -> bool:
    """Whether anything in here would be taken for a time or date when it is read."""
    if isinstance(value, Mapping):
        return _is_mark(value) or any(map(_looks_marked, value.values()))
    return isinstance(value, list | tuple) and any(map(_looks_marked, value))


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        more = "$" if _is_mark(value) else ""
        return {more + key if more else key: _escaped(inner) for key, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list | tuple) else value


def _unmark(found: dict[str, Any]) -> Any:
    if not _is_mark(found):
        return found
    ((key, value),) = found.items()
    if key.startswith("$$"):
        return {key[1:]: value}
    try:
        return (datetime if key == "$t" else date).fromisoformat(value)
    except (TypeError, ValueError):
        # Somebody's data, from before such were escaped.
        return found
