"""What a posting's title calls the role: without decoration, and without words of level.

"URGENT!!! Sr. Data Engineer (m/w/d) - Berlin, 60k - Remote | REQ-1234" is, cleaned, "Sr. Data Engineer", its core "data
engineer" and its level words ("Sr.",). Decoration goes as whole pieces, cut at bars, dashes, brackets and commas,
where all of a piece is decoration; what may stand beside words of the role (gender markers, salaries, requisition numbers,
urgency) also goes from within. The words are in `titles.yaml`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

from talentpulse.domain.gazetteer import folded as place_name
from talentpulse.domain.gazetteer import gazetteer
from talentpulse.domain.levels import folded, level_words
from talentpulse.domain.text import encodable, plain_text
from talentpulse.domain.word_lists import separated, word_list
from talentpulse.domain.work_modes import mode_words


class Title(NamedTuple):
    """A title read.

    `cleaned` is without decoration, in the sender's words and case (all capitals become words). `core` is the role alone for
    grouping: lower-case, hyphens as blanks, without the steps of a level; nouns of rank stay ("sales director").
    `level_words` are the steps that were split off, as written.
    """

    cleaned: str
    core: str
    level_words: tuple[str, ...]


EMPTY = Title("", "", ())

_MAX_CHARACTERS = 300
_POSTAL_CODE = re.compile(r"^[0-9]{4,6}\s+|\s+[0-9]{4,6}$")
_CITY = 15_000  # inhabitants; smaller ones share their names with trades: Baker, Miller
_LARGE_CITY = 300_000  # inhabitants; their names are hardly ever words of a role, and stand behind one without a comma

_PICTURES = re.compile(
    r"[\u2190-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff~^\\<>{}=«»]+"
    r"|[!¡¿]+|(?<![^\W\d_])[*_?#]+(?=\s|$|[|,–-])|[*?]+(?=\s|$)|(?:^|(?<=\s))[*_]+(?=\S)"  # C# stays
)
# (m/w/d), m/f/x, (H/F), (all genders): letters that stand for genders, or words for all
_LETTER = r"[mwfdxhvkn]"
_GENDERS = re.compile(
    rf"[(\[{{]\s?(?:{_LETTER}\s?[/|,*.:\\-]\s?{_LETTER}(?:\s?[/|,*.:\\-]\s?(?:{_LETTER}|[igt]|div|\*|all|gn|inter)\b){{0,2}}"
    r"|all genders?|alle geschlechter|alle|gn|div\.?|divers|mwd|wmd|mfd|fmd|mfx|fmx|hf|любой пол"
    r"|männlich/weiblich/divers)\s?[)\]}]"
    r"|(?<![\w/])(?:[mfw]\s?[/|]\s?[wfm]\s?[/|]\s?[dxvi*]|d\s?/\s?[mfw]\s?/\s?[mfw]|x\s?/\s?[mfw]\s?/\s?[mfw]|[hfmw]\s?/\s?[fhwm]"
    r"|m/v/x)(?![\w/])|\ball genders\b",
    re.IGNORECASE,
)
# Entwickler/in, Verkäufer*in, Mitarbeiter(in), Développeur/se, Desarrollador/a, KundenberaterIn
_INFLECTED = re.compile(
    r"(?<=[^\W\d_]{3})(?:[*:_·•/]-?(?:innen|in|euse|trice|rice|ère|ière|ne|se|ka|ra|a|e|r)"
    r"|\((?:-?innen|-?in|euse|trice|ne|se|ra|a|e|r)\)|\.(?:e|ne|se|trice))(?!\w)"
    r"|(?<=er)In(?:nen)?\b"
)
_CURRENCY = r"(?:us\$|[$€£₽₴₹¥]|usd|eur|gbp|chf|pln|rub|cad|aud|sgd|inr|zł|руб(?:лей|\.)?)"
_AMOUNT = r"[0-9][0-9.,']{0,12}+(?: [0-9]{3}){0,2}+(?:\s?k)?+(?![a-z])"
_TO = r"\s?(?:-|–|—|to|bis|до)\s?"
_SALARY = re.compile(
    r"(?<![\w.])(?:(?:up to|from|bis(?: zu)?|ab|jusqu'à|hasta|desde|от|до|salary:?|gehalt:?|paying|earn|circa|to)\s)?"
    rf"(?:{_CURRENCY}\s?{_AMOUNT}(?:{_TO}{_CURRENCY}?\s?{_AMOUNT})?(?:\s?{_CURRENCY}(?!\w))?"
    rf"|{_AMOUNT}(?:{_TO}{_AMOUNT})?\s?(?:{_CURRENCY}|lpa)(?!\w)|[0-9]{{2,3}}\s?k?{_TO}[0-9]{{2,3}}\s?k(?!\w)|[0-9]{{2,3}}k(?!\w))"
    r"(?:\+|\s?(?:/|per |pro |p\.?|a |an |par |al |в )\s?"
    r"(?:year|yr|annum|hour|hr|h|day|week|month|mo|a|jahr|monat|stunde|an|mois|mes|год|месяц)\b\.?)?"
    r"(?:\s?(?:sign[ -]on|brutto|net|gross|base|doe|plus|\+|&)?"
    r"\s?(?:bonus|benefits|commission|equity|ote|doe|super|package|comm)\b)*",
    re.IGNORECASE,
)
# the number under which an employer files the job; ISO 27001 is none
_REQUISITION = re.compile(
    r"\b(?:req(?:uisition)?|job|jr|ref(?:erence)?|réf(?:érence)?|posting|position|vacancy|kennziffer|stellen-?id|id|offre|вакансия)\b"
    r"\s?(?:id|no|nr|num(?:ber)?|code|n°|№)?\.?\s?[:#№-]?\s{0,2}#?[a-z]{0,5}[-_/.]?[0-9]{3,}[0-9a-z_/.-]*"
    r"|(?<!\w)#\s?[a-z]{0,4}-?[0-9]{2,}[0-9a-z-]*|(?<!\w)№\s?[0-9]+"
    r"|(?<![\w.])(?:req|jr|r|id|job)[-_]?[0-9]{4,}[0-9a-z-]*|(?<![\w.])(?!iso|iec|din)[a-z]{2,4}[-_][0-9]{4,}(?!\w)"
    r"|(?<![\w.,$€£])(?<!iso )(?<!iec )(?<!din )[0-9]{6,}(?!\w)",
    re.IGNORECASE,
)
# a whole piece that is a number: of the job, of openings, of hours, of months, of percents
_NUMBER_PIECE = re.compile(
    r"(?:[a-z]{1,6}[-_]?)?[0-9]{4,}[0-9a-z._/-]*|[a-z]{2,6}-?[0-9]{3,}[0-9a-z-]*|[0-9]{1,3}\s?[x×]|[x×]\s?[0-9]{1,3}"
    r"|[0-9]{1,3} (?:openings?|positions?|posts?|vacanc\w+)|[0-9]{2,3}(?: ?[-–] ?[0-9]{2,3})? ?%"
    r"|[0-9]{1,2}(?: ?[-–] ?[0-9]{1,2})? ?(?:h|std\.?|stunden|hours|hrs|ore|uur)(?: ?(?:/|per|pro) ?(?:week|woche|w))?"
    r"|[0-9]{1,2}\+? ?-?(?:months?|monate|mois|weeks?|years?|yrs)(?: (?:contract|ftc|fixed term|maternity cover|exp\w*))?",
    re.IGNORECASE,
)
# hours and percents of a week, and how many are sought
_HOURS = re.compile(
    r"(?<![\w.])[0-9]{1,2}(?: ?[-–] ?[0-9]{1,2})? ?(?:h|std\.?|stunden|hours|hrs) ?(?:/|per|pro|a) ?(?:week|woche|w)\b"
    r"|(?<![\w.])[0-9]{2,3}(?: ?[-–] ?[0-9]{2,3})? ?%(?=[\s)\],|]|$)|^[0-9]{1,2} ?[x×] (?=\w)",
    re.IGNORECASE,
)
_BOTH_GENDERS = re.compile(r"\b(\w{4,40})in\s?/\s?(\1)\b|\b(\w{4,40})\s?/\s?\3in\b")  # Verkäuferin / Verkäufer
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]{0,120})[)\]]")
_AT_COMPANY = re.compile(r"\s(?:at|chez|bei der|bei)\s(?:the )?[A-ZÀ-ÞА-Я0-9].{0,80}$|\s@\s?\S.{0,80}$")
_PLACE_FOLLOWS = re.compile(r"(?:^|\s)(?:in|im raum|raum|für|for|à|a|en|w|в|г\.|near|based in)\s(?=\S)", re.IGNORECASE)
_OUTSIDE_BRACKETS = r"(?![^()]*\))"
_SEPARATOR = re.compile(
    rf"((?:\s*(?:\||//|;|•|·)\s*|\s+[-–—:@]+\s+|\s+[-–—]+(?=\S)|(?<=\S)[-–—]+\s+|:\s+){_OUTSIDE_BRACKETS})"
)
_COMMA = re.compile(rf",{_OUTSIDE_BRACKETS}")
_PARTS = re.compile(r"\s*[,/&+]\s*|\s(?:and|or|und|oder|et|ou)\s")
_WORD = re.compile(r"[^\W_]+")
_EDGES = " \t-–—|,;:/•·*_&\"'“”„"
_QUALIFIED_BEFORE = re.compile(r"(?:\b(?:100 ?%|fully|completely|working|work)\s*|\b100\s?%\s*)$", re.IGNORECASE)
_QUALIFIED_AFTER = re.compile(
    r"^\s*(?:only|ok|okay|possible|work|working|position|role|based|first|friendly|möglich)\b", re.IGNORECASE
)
_ABBREVIATED = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,3}\.$")  # "Developer, Sr."
_DANGLING = re.compile(r"\s*[,/&|–-]+(?=\s*[,/|–-]\s)|\s+(?=[,/])|(?<=/)\s+")
_EMPTY_BRACKETS = re.compile(r"[(\[][\s/,.-]*[)\]]")
_HYPHEN = re.compile(r"(?<=\w)[-‐–](?=\w)")
_LETTERS = re.compile(r"[^\W\d_]+")
_LEADING_JOIN = re.compile(
    r"(?:im bereich|zum|zur|als|im|in|de|d['’]|en|of|for|as|ein|eine|einen|an?)\s+", re.IGNORECASE
)


def read_title(raw: object) -> Title:
    """The title of a posting; all empty for what is no text or only decoration. 300 characters are read. Never raises."""
    return _title(raw[:_MAX_CHARACTERS]) if isinstance(raw, str) else EMPTY


@lru_cache(maxsize=8192)
def _title(raw: str) -> Title:
    text = unicodedata.normalize("NFC", plain_text(encodable(raw)))[:_MAX_CHARACTERS]
    cleaned = _cleaned(" ".join(text.split()))
    if cleaned.isupper() and any(len(word) > 3 for word in _WORD.findall(cleaned)):
        cleaned = _LETTERS.sub(lambda letters: _unshouted(letters[0]), cleaned)
    core = cleaned
    split_off = []
    for word in reversed(level_words(cleaned)):
        if not word.is_role:
            end = word.end + 1 if cleaned[word.end : word.end + 1] == "." else word.end  # Sr.
            split_off.append(cleaned[word.start : end])
            core = f"{core[: word.start]} {core[end:]}"
    return Title(cleaned, _core(core) or _core(cleaned), tuple(reversed(split_off)))


def _cleaned(text: str) -> str:
    for pattern in (_PICTURES, _GENDERS, _REQUISITION, _SALARY, _HOURS):
        text = pattern.sub(" ", text)
    text = _INFLECTED.sub("", _BOTH_GENDERS.sub(lambda found: found[2] or found[3], text))
    text = _BRACKETS.sub(lambda aside: " " if _is_decoration(aside[1]) else aside[0], text)
    text = _AT_COMPANY.sub("", text)
    pieces = _SEPARATOR.split(text)  # pieces, and the separators between them
    kept = ""
    for position in range(0, len(pieces), 2):
        piece = _trimmed(pieces[position])
        if piece and not (_is_decoration(piece) and len(pieces) > 1):
            kept += (pieces[position - 1] if kept else "") + piece
    return "" if _is_said_elsewhere(kept) else " ".join(kept.split()).strip(_EDGES)


def _trimmed(piece: str) -> str:
    """A piece without decoration at its ends and without words of work mode."""
    piece = _without_mode(_stripped(piece))
    for pattern in (_words().call_before, _words().call_after):
        while call := pattern.search(folded(piece)):
            piece = _stripped(piece[: call.start()] + piece[call.end() :])
    parts = _COMMA.split(piece)
    for position in range(1, len(parts)):
        if _is_decoration(",".join(parts[position:])):
            parts = parts[:position]
            break
    piece = _stripped(",".join(parts))
    for follows in _PLACE_FOLLOWS.finditer(piece):
        if _is_place(piece[follows.end() :]):
            piece = piece[: follows.start()]
            break
    if _is_place(piece):
        return piece
    words = piece.split(" ")
    for length in (3, 2, 1):
        tail = " ".join(words[-length:])
        if (
            len(words) > length
            and tail[:1].isupper()
            and folded(tail) not in _words().no_places
            and _is_city(place_name(tail), _LARGE_CITY)
        ):
            return _stripped(" ".join(words[:-length]))
    return _stripped(piece)


def _stripped(text: str) -> str:
    text = text.strip(_EDGES)
    while text.startswith((". ", ") ", "] ")):  # what a cut has left, but ".NET" stays
        text = text[2:].lstrip(_EDGES)
    return text if _ABBREVIATED.search(text) else text.rstrip(_EDGES + ".")


def _without_mode(text: str) -> str:
    for start, end in reversed(mode_words(text)):
        before = _QUALIFIED_BEFORE.sub("", text[:start])
        after = _QUALIFIED_AFTER.sub("", text[end:], count=1)
        text = f"{before} {after}"
    return _stripped(" ".join(text.split()))


def _is_decoration(text: str) -> bool:
    """Whether a whole piece says nothing of the role: a call, a place, a number, a mode, an employment, or a list of these."""
    if _is_said_elsewhere(text) or _is_place(text):
        return True
    parts = [part for part in _PARTS.split(text) if part]
    return len(parts) > 1 and all(_is_said_elsewhere(part) or _is_place(part) for part in parts)


def _is_said_elsewhere(text: str) -> bool:
    text = text.strip(_EDGES)
    key = " ".join(_WORD.findall(folded(text)))
    if not key or key in _words().decoration or _NUMBER_PIECE.fullmatch(text):
        return True
    if not mode_words(text):
        return False
    rest = [word for word in _without_mode(text).split() if folded(word.strip("().,%")) not in _words().mode_qualifiers]
    return not rest or _is_place(" ".join(rest).strip("()"))


def _is_place(text: str) -> bool:
    """Whether the text is a place, or several: "Berlin", "San Diego, CA", "London or Paris"."""
    first, *others = (part.strip(_EDGES + "()") for part in _PARTS.split(text.strip(_EDGES)))
    return _is_place_name(first) and all(map(_is_known, others))


def _is_place_name(text: str) -> bool:
    words = text.split()
    if text in _words().country_codes:
        return True
    if not 0 < len(words) <= 4 or not (words[0][0].isupper() or words[0][0].isdigit()):
        return False
    if len(words[-1]) <= 3 and words[-1].isupper():  # a code: IT is Italy, but not in a title
        return words[-1] in _words().country_codes and (len(words) == 1 or _is_place_name(" ".join(words[:-1])))
    listed = _words()
    if any(folded(word) in listed.no_places for word in words):
        return False
    # any words with a country at their end are read as it: "Sales Germany" is no place, "South Korea" is
    if len(words) > 1 and folded(words[0]) not in listed.place_heads and place_name(words[-1]) in gazetteer().areas:
        return _is_place_name(" ".join(words[:-1]))
    return _is_known(text)


def _is_known(place: str) -> bool:
    """Whether the words as a whole, a postal code aside, name a country, a state or a city of `_CITY` inhabitants."""
    name = place_name(_POSTAL_CODE.sub("", place))
    return name in gazetteer().areas or place in gazetteer().codes or _is_city(name, _CITY)


def _is_city(name: str, inhabitants: int) -> bool:
    return any(city.population >= inhabitants for city in gazetteer().cities(name))


def _core(text: str) -> str:
    """The role for grouping: lower-case, hyphens as blanks, nothing dangling."""
    text = _EMPTY_BRACKETS.sub(" ", text.lower())
    text = _stripped(" ".join(_HYPHEN.sub(" ", _DANGLING.sub("", text)).split()))
    while join := _LEADING_JOIN.match(text):
        text = _stripped(text[join.end() :])
    return text


def _unshouted(letters: str) -> str:
    listed = _words()
    if letters.lower() in listed.small_words:
        return letters.lower()
    if letters.lower() in listed.acronyms or (len(letters) <= 3 and letters.lower() not in listed.short_words):
        return letters
    return letters[0] + letters[1:].lower()


class _Words(NamedTuple):
    decoration: frozenset[str]  # whole pieces
    call_before: re.Pattern[str]
    call_after: re.Pattern[str]
    no_places: frozenset[str]
    place_heads: frozenset[str]
    country_codes: frozenset[str]  # upper-case
    mode_qualifiers: frozenset[str]
    small_words: frozenset[str]
    acronyms: frozenset[str]
    short_words: frozenset[str]


@cache
def _words() -> _Words:
    raw: dict[str, Any] = word_list("titles")
    listed = {name: set(map(folded, separated(words))) for name, words in raw.items()}
    anywhere = sorted(listed["calls_anywhere"], key=len, reverse=True)
    calls = "|".join(re.escape(call).replace(r"\ ", r"[\s'’-]{1,2}") for call in anywhere)
    return _Words(
        decoration=frozenset(listed["calls"] | listed["calls_anywhere"] | listed["employment"]),
        call_before=re.compile(rf"^(?:{calls})(?!\w)(?!\s+care\b)[\s:.,-]*"),
        call_after=re.compile(rf"[\s:.,-]+(?:{calls})$"),
        country_codes=frozenset(map(str.upper, listed["country_codes"])),
        **{
            name: frozenset(listed[name])
            for name in ("no_places", "place_heads", "mode_qualifiers", "small_words", "acronyms", "short_words")
        },
    )
