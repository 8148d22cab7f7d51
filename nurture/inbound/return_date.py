"""The day an absence note says the person is back, counted from when the note was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from nurture.inbound.rule_files import any_of, load

MAX_TEXT = 6000
MAX_MENTIONS = 40
LONGEST = timedelta(days=800)

_DATA = load("absence.yaml")
_MONTHS = {word: int(number) for number, words in _DATA["months"].items() for word in words}
_WEEKDAYS = {word: int(number) for number, words in _DATA["weekdays"].items() for word in words}
_DAYS = {word: int(number) for number, words in _DATA["days"].items() for word in words}
_DAY_WORDS = {word: int(number) for number, words in _DATA["day_words"].items() for word in words}


def _alternatives(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_M = _alternatives(_MONTHS)
_DATE = re.compile(
    rf"""(?P<iso>(?<!\d)(20\d\d)-(\d\d?)-(\d\d?)(?!\d))
    |(?P<dotted>(?<![\d.])(\d\d?)[./-](\d\d?)[./-](20\d\d|\d\d)(?!\d))
    |(?P<named>(?<!\d)(\d\d?)(?:\.|st|nd|rd|th|er|ère|-е|-го|º|:e)?[\s-]*(?:of\s+|de\s+|den\s+)?({_M})(?!\w)\.?,?(?:[\s-]*(?:de\s+)?(20\d\d)(?!\d))?)
    |(?P<american>(?<!\w)({_M})\.?\s+(?:the\s+)?(\d\d?)(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(20\d\d)(?!\d))?)
    |(?P<short>(?<![\d.:])(\d\d?)([./])(\d\d?)\.?(?![\d/:€$%]))
    |(?P<dayname>(?<!\w)({_alternatives(_WEEKDAYS)})[ ,]+(?:the[ ]|den[ ]|d\.[ ]?)?(\d\d?+)(?:\.|st|nd|rd|th|e)?+(?![\d:/h])(?!\s?(?:[ap]\.?m\b|uhr|[-–]))(?![./]\d)(?!\.?\s*(?:of\s+|de\s+)?(?:{_M})(?!\w)))
    |(?P<weekday>(?<!\w)({_alternatives(_WEEKDAYS)})(?!\w))
    |(?P<day>(?<!\w)({_alternatives(_DAYS)})(?!\w))
    |(?P<bare>(?<=the[ ])(\d\d?)(?:st|nd|rd|th)\b|(?<=den[ ])(\d\d?)\.?(?=\s*(?:$|[,;.!)\n-]|wieder|igen|og|til|bis))|(?<=d\.[ ])(\d\d?)\.(?!\d)|(?<=vom[ ])(\d\d?)\.(?=\s*(?:bis|-|–))|(?<=du[ ])(\d\d?)(?=\s+au\b)|(?<=fra[ ])(\d\d?)\.(?=\s*(?:til|-))|(?<=с[ ])(\d\d?)(?=\s+(?:по|до)\b)|(?<=from[ ])(\d\d?)(?:st|nd|rd|th)?(?=\s+(?:to|until|till)\b))""",
    re.I | re.X,
)
# Short names of months are words as well: "the first out", "the second may".
_WHOLE = "|".join(word for word in _MONTHS if len(word) > 3 or word in ("mai", "maj", "мая"))
_WORDED = re.compile(
    rf"(?<!\w)(?:(?P<before>{_alternatives(_DAY_WORDS)})[nr]?(?=\s+of\s+(?:{_M})(?!\w)|\s+(?:{_WHOLE})(?!\w))"
    rf"|(?:(?<=\b(?:on|by)\sthe\s)|(?<=\b(?:until)\sthe\s)|(?<=\btill\sthe\s))(?P<bare>\w+teenth|(?:twen|thir)tieth|(?:twen|thir)ty-\w+)(?=\s*(?:$|[,;.!)\n]|and\b))"
    rf"|(?P<month>{_WHOLE})\s+(?:the\s+)?(?P<after>{_alternatives(_DAY_WORDS)}))(?!\w)",
    re.I,
)
_RETURN = re.compile(rf"(?<!\w)(?:{any_of(_DATA, 'return_words')})", re.I)
_UNTIL = re.compile(
    rf"(?:(?<!\w)(?:{any_of(_DATA, 'until_words')})|[-–—])[\s,:(]*(?:(?:the|and|including|including the|incl\.?|inkl\.?|zum|dem|den|le|el|il|dia|d\.|og med|einschließlich|inklusive|\w{{2,10}}(?:day|tag|di|dag)|och med|en met|{_alternatives(_WEEKDAYS)})[\s,.]*){{0,4}}$",
    re.I,
)
_FROM = re.compile(
    rf"(?<!\w)(?:{any_of(_DATA, 'from_words')})\s+(?:(?:the|dem|den|le|el|il|d\.|{_alternatives(_WEEKDAYS)})[\s,.]*){{0,2}}$",
    re.I,
)
_STOP = re.compile(r"(?<![\d.])[.!?](?=\s+[A-ZА-ЯÄÖÜÉ])|\n\s*\n|[;]")


_DAYNAME = _alternatives(_WEEKDAYS)
_JOINED = r"(?:s?,|s?\s+(?:and|or|und|oder|et|ni|og|eller|и|или))\s+(?:le\s+|nor\s+)?"
_ROW_AFTER = re.compile(rf"{_JOINED}(?:{_DAYNAME})", re.I)
_ROW_BEFORE = re.compile(rf"(?:{_DAYNAME}){_JOINED}$", re.I)
_HOURS = re.compile(
    rf"(?:\s*(?:to|bis|à|au|til|по|-|–)\s*(?:{_DAYNAME}))?,?\s*(?:from|von|de|fra|kl\.?|с|between)?\s*"
    r"\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b|uhr|h\b|(?:-|–|to|bis|à|til|до)\s*\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m|uhr|h\b|$|[.,]))",
    re.I,
)
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(?:20)?\d\d)?(?![\d/])")
_RANGE_AFTER = re.compile(rf"\s*(?:to|through|thru|bis|au|à|til|по|-|–)\s*(?:le\s+)?(?:{_DAYNAME})", re.I)
_RANGE_BEFORE = re.compile(rf"(?:{_DAYNAME})\s*(?:to|through|thru|bis|au|à|til|по|-|–)\s*(?:le\s+)?$", re.I)
_AWAY = re.compile(
    r"\b(?:away|out|off|leave|holidays?|vacation|closed|shut|travel\w*|abwesend|urlaub|geschlossen|verreist|krank|nicht"
    r"|absente?|congés?|fermée?|vacances|déplacement|væk|ferie|lukket|ikke|отпуск\w*|отсутств\w*|закрыт\w*|не)\b",
    re.I,
)
# "room 3.12", "version 2.4", "§ 5.2", "ext. 4.11": a number that names something is no day.
_NUMBERED = re.compile(
    r"(?:\b(?:room|rm|suite|unit|floor|block|gate|hall|stand|booth|desk|door|version|release|ver|v|chapter|section|article|clause"
    r"|par|no|nr|num|number|ext|tel|phone|raum|zimmer|büro|halle|platz|etage|haus|kapitel|abschnitt|artikel|ziffer|durchwahl|apparat"
    r"|salle|bureau|porte|étage|poste|bâtiment|chapitre|lokale|værelse|kontor|stue|dør|afsnit|кабинет|каб|комната|ком|офис|зал|ауд"
    r"|аудитория|этаж|корп|раздел|глава|пункт|п|доб)\b\.?|[§№#])[ \t:]*$",
    re.I,
)
_UNIT = re.compile(
    r"\s?(?:%|€|\$|£|eur\b|usd\b|hours?\b|hrs?\b|stunden\b|std\b|heures?\b|timer\b|час|km\b|kg\b|m²|gb\b|mb\b|mio\b|millions?\b|kr\b|руб)",
    re.I,
)
_STAMP = re.compile(r"\s*(?:,|at|um|à|kl\.?|в)?\s*\d{1,2}:\d\d")
_ZONE = re.compile(r"([+-])(\d{4})\b")


@dataclass(frozen=True, slots=True)
class _Mention:
    day: date
    points: int
    at: int


def return_date(text: str, written: date | None, *, month_first: bool = False) -> date | None:
    """The date of return, else the last day of absence, named in `text`; None if there is none.

    Without `written`, the day the note was written, only dates with their year count. `month_first` reads
    8/3 as 3 August where both readings are possible.
    """
    text = _WORDED.sub(_in_digits, text[:MAX_TEXT].replace("\u00a0", " "))
    mentions = list(_mentions(text, written, month_first))
    if written is not None:
        mentions = [one for one in mentions if written <= one.day <= written + LONGEST]
    if not mentions:
        return None
    best = max(one.points for one in mentions)
    if best <= 0:
        return None
    return max((one.day, -one.at) for one in mentions if one.points == best)[0]


def month_first(text: str, written: date | None, date_header: str = "") -> bool:
    """Whether 8/3 means 3 August in this English text.

    A date that can be read in one way only says so, and so does one that is the day of writing when read so; then the
    writer's zone: west of Greenwich the month comes first, east of it the day. Else the month does.
    """
    pairs = [(int(match[1]), int(match[2])) for match in _SLASHED.finditer(text[:MAX_TEXT])]
    if any(first > 12 for first, _ in pairs):
        return False
    if any(second > 12 for _, second in pairs):
        return True
    if written is not None:
        today = (written.month, written.day)
        if today in pairs and (today[1], today[0]) not in pairs:
            return True
        if (today[1], today[0]) in pairs and today not in pairs:
            return False
    zone = _ZONE.search(date_header)
    return zone is None or zone[1] == "-" or zone[2] == "0000"


def _in_digits(match: re.Match[str]) -> str:
    """A day of the month in words, such as "the nineteenth of October", with its number in their place."""
    if match["month"]:
        return f"{match['month']} {_DAY_WORDS[match['after'].lower()]}"
    if match["bare"]:
        day = _DAY_WORDS.get(match["bare"].lower())
        return match[0] if day is None else f"{day}th"
    return str(_DAY_WORDS[match["before"].lower()])


def _mentions(text: str, written: date | None, month_first: bool) -> Iterator[_Mention]:
    previous_end, previous_day = -100, None
    for number, match in enumerate(_DATE.finditer(text)):
        if number >= MAX_MENTIONS:
            return
        day = _day(match, written, month_first)
        if day is None or _is_no_day(text, match) or (day == written and _STAMP.match(text, match.end())):
            continue
        points = _points(text, match)
        if match.lastgroup == "weekday" or match["weekday"]:
            points -= 1
            if _is_regular(text, match):
                continue
            if _date_follows(text, match.end()):
                continue
        if previous_day is not None and match.start() - previous_end <= 12 and points < 2:
            points = 2 if day >= previous_day else points
        previous_end, previous_day = match.end(), day
        yield _Mention(day, points, match.start())


def _points(text: str, match: re.Match[str]) -> int:
    before = text[max(0, match.start() - 90) : match.start()]
    after = text[match.end() : match.end() + 60]
    stops = list(_STOP.finditer(before))
    near = before[stops[-1].end() :] if stops else before
    stop = _STOP.search(after) or re.search(r"\.\s|\n\n", after)
    following = after[: stop.start()] if stop else after
    other = _DATE.search(following)
    following = following[: other.start()] if other else following
    starts = _FROM.search(near[-40:]) is not None
    back = _last_return(near)
    if _UNTIL.search(near[-50:]) and not (back and "until" in near.lower()):
        later = _RETURN.search(following[:30])
        return 3 if back and not later else 2
    if back:
        return 4
    if _RETURN.search(following[:45]):
        return 4 if not re.search(r"\d", following[:20]) or not starts else 0
    return 0 if starts else 1


def _last_return(near: str) -> bool:
    """A word of return stands before, and no other date between it and this one."""
    found = list(_RETURN.finditer(near))
    if not found:
        return False
    between = near[found[-1].end() :]
    return not re.search(r"\d{1,2}[./]\d|\b(?:not|nicht|pas|ikke|не)\b", between) or "until" in between


def _is_no_day(text: str, match: re.Match[str]) -> bool:
    """A short form such as 3.12 that numbers a room or counts something."""
    if not match["short"]:
        return False
    before = text[max(0, match.start() - 16) : match.start()]
    return bool(_NUMBERED.search(before) or ("." in match["short"] and _UNIT.match(text, match.end())))


def _is_regular(text: str, match: re.Match[str]) -> bool:
    """A weekday of opening or working hours: one of a row or span of days, or one with a time of day behind.

    "Away Monday to Friday" is a span of days as well, but of an absence.
    """
    before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() : match.end() + 40]
    if _RANGE_AFTER.match(after) or _RANGE_BEFORE.search(before):
        return not _AWAY.search(text[max(0, match.start() - 50) : match.start()])
    return bool(_ROW_AFTER.match(after) or _ROW_BEFORE.search(before) or _HOURS.match(after))


def _date_follows(text: str, at: int) -> bool:
    match = _DATE.search(text[at : at + 30])
    return match is not None and match.start() <= 8 and not match["weekday"]


def _day(match: re.Match[str], written: date | None, month_first: bool) -> date | None:
    groups = [group for group in match.groups() if group is not None][1:]
    year: int | None
    try:
        if match["iso"]:
            return date(int(groups[0]), int(groups[1]), int(groups[2]))
        if match["dotted"]:
            year = int(groups[2]) + (2000 if len(groups[2]) == 2 else 0)
            return _ordered(int(groups[0]), int(groups[1]), year, month_first and "/" in match[0])
        if match["named"]:
            year = int(groups[2]) if len(groups) > 2 else None
            return _near(int(groups[0]), _MONTHS[groups[1].lower()], year, written)
        if match["american"]:
            year = int(groups[2]) if len(groups) > 2 else None
            return _near(int(groups[1]), _MONTHS[groups[0].lower()], year, written)
        if written is None:
            return None
        if match["short"]:
            return _short(groups, written, month_first)
        if match["dayname"]:
            return _on_weekday(int(groups[1]), _WEEKDAYS[groups[0].lower()], written)
        if match["weekday"]:
            ahead = (_WEEKDAYS[groups[0].lower()] - 1 - written.weekday()) % 7
            return written + timedelta(days=ahead or 7)
        if match["day"]:
            return written + timedelta(days=_DAYS[groups[0].lower()])
        return _in_month(int(groups[0]), written)
    except (ValueError, KeyError, IndexError):
        return None


def _short(groups: list[str], written: date, month_first: bool) -> date | None:
    first, mark, second = int(groups[0]), groups[1], int(groups[2])
    if month_first and mark == "/" and first <= 12:
        return _near(second, first, None, written)
    if second > 12:
        return _near(second, first, None, written) if first <= 12 and mark == "/" else None
    return _near(first, second, None, written)


def _ordered(first: int, second: int, year: int, month_first: bool) -> date:
    if second > 12 or (month_first and first <= 12):
        return date(year, first, second)
    return date(year, second, first)


def _near(day: int, month: int, year: int | None, written: date | None) -> date | None:
    if year is not None:
        return date(year, month, day)
    if written is None:
        return None
    found = date(written.year, month, day)
    return found if found >= written - timedelta(days=60) else date(written.year + 1, month, day)


def _in_month(day: int, written: date) -> date:
    found = written.replace(day=day)
    if found >= written:
        return found
    following = (written.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following.replace(day=day)


def _on_weekday(day: int, weekday: int, written: date) -> date:
    """The next such day of a month that falls on that weekday, "Tuesday 22nd"; else the next such day."""
    found = first = _in_month(day, written)
    for _ in range(3):
        if found.isoweekday() == weekday:
            return found
        found = _in_month(day, found + timedelta(days=1))
    return first
