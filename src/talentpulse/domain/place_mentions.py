"""What the parts of a location may mean: the mentions of areas and cities in its text, before anything is decided.

A location is split into pieces (";", "/", "or") and a piece into parts at its commas. A part is looked up as it is,
then without the words around a place ("Greater", "HQ", postal codes), then as area and city without their comma
("Austin TX"), and last as a large city among other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from talentpulse.domain.gazetteer import Area, City, folded, gazetteer

# codes that stand for themselves wherever they are written
WELL_KNOWN_CODES = frozenset({"US", "USA", "UK", "UAE"})
CITY_FROM = 100_000  # inhabitants; among other words, and beside a city of another country, only these count

_TOWN_FROM = 15_000  # inhabitants; smaller ones count only in a stated country or state
_AMONG_WORDS = 0.8
_MAX_WORDS = 10  # a longer part is prose
_LONGEST_AREA = 4  # words

_SEPARATORS = re.compile(r"[;；|\n\r•]+|\s/\s|\band/or\b|(?<=[^\W\d_]{2})/(?=[^\W\d_]{2})|\s\+\s")
# "Portland OR 97201" is no list
_JOINERS = re.compile(r" (?:or|and|&|AND|OR(?! (?:U\.?S|United States|[0-9]))|und|oder|et|ou|y|и|или) ")
_COMMAS = re.compile(r"[,，、·()（）\[\]:：]|\s[-–—]+\s|\s[-–—]+$|^[-–—]+\s")
_PREFIXED = re.compile(r"\b([A-Z]{2,3})-(?=[A-Z])")  # US-TX-Austin
_DOTTED = re.compile(r"\b([A-Z])\.([A-Z])\.(?:([A-Z])\.?)?(?!\w)")
# words around a place; "in" and "or" only in lower case, IN and OR are states
_NOISE = re.compile(
    r"\b(?:(?i:(?:semi-?)?remote(?:ly)?(?:-(?:first|friendly|only))?|remot[ao]|hybrid|on-?site|in-office|only|based"
    r"|anywhere|worldwide|within|from|near|around|headquarters|hq|offices?|greater|metro(?:politan)?|bay area|area|region"
    r"|city cent(?:er|re)|downtown|cedex|multiple locations|county|district|province|prefecture|governorate)|in|город|гор|г)\b"
    r"|\b[0-9]{4} [A-Z]{2}\b(?=\s*\w)"  # 1012 AB Amsterdam
    r"|\b[^\W\d_]*[0-9]\w*(?:-[0-9]\w*)*"
    r"|['’]s\b"
)
_STREET = re.compile(
    r"\b(?:street|(?<=\s)st|road|rd|avenue|ave|boulevard|blvd|lane|drive|square|rue|via|calle|platz|allee|ул|пр|пр-кт"
    r"|проспект|шоссе|наб|пер|бульвар|проезд|переулок|площадь)\b|stra(?:ss|ß)e\b|str\.",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]+$")
_LONGEST_HAN = 8
_LONGEST_CODE = 5
# words that are towns as well: believed only in a stated country or state
_WORD_LIST = """
academy airport alliance along anna ant as ask au bad bag band bank bar bare bay bear bed best bright buy can cat
center central champion change coast college come commerce data date deal delta dig downtown drama east economy
engineer enter enterprise eu factory federal fleet forest friendly fully gap gateway globe goes good got grad grants
green greenfield hall hard harvest hat hire hit holiday home homeland hope house hub humble hybrid independence
industry internet island justice king lakes landing las leader legacy lend lens liberty long los made man manage
manga market media mentor meta metro mile mine mission most much new nine none normal north office officer
opportunity oral page paper paradise paramount park peer perseverance plaza pong pop portal post price process
progress project prospect prosper punch race real reserve rich roles run saint sale sales salt same san santa save
say school se semi send service shaping side ski snowflake song south star station store street success super
superior support table talent tech terrace than time to town tune un union university vale valley van vi video
village we welcome west worth yoga young
"""
_WORDS = frozenset(_WORD_LIST.split())


class Mention(NamedTuple):
    """What a part may mean; nothing known if it has neither areas nor cities."""

    name: str = ""
    areas: tuple[Area, ...] = ()
    cities: tuple[City, ...] = ()
    code: str = ""  # as written, if `areas` are a code's
    certainty: float = 1.0
    """Less than 1 for a city among other words."""

    @property
    def is_word(self) -> bool:
        """Whether it is a word of a job as well as a town."""
        return self.name in _WORDS

    @property
    def towns(self) -> tuple[City, ...]:
        """The cities that it may mean where no country is stated."""
        if self.is_word:
            return ()
        towns = tuple(city for city in self.cities if city.population >= _TOWN_FROM)
        if not towns and len(self.cities) == 1 and " " in self.name and not self.name.startswith("the "):
            return self.cities  # "Mill Valley": nothing else is called so
        return towns


def pieces_of(text: str) -> Iterator[list[Mention]]:
    """What the parts of each piece of the text may mean; a part that nobody knows has an empty mention."""
    text = _DOTTED.sub(lambda m: "".join(filter(None, m.groups())), text)
    for stretch in _SEPARATORS.split(_PREFIXED.sub(r"\1, ", text)):
        piece: list[Mention] = []
        for part in _parts(stretch):
            first, *others = [part] if _known(part) else _JOINERS.split(part)
            piece += _mentions(first)
            for other in others:
                yield piece
                piece = _mentions(other)
        yield piece


def _parts(stretch: str) -> list[str]:
    pieces = stretch.split(",")
    for position in range(max(0, len(pieces) - 3), len(pieces) - 1):  # "Seoul, Korea, Republic of"
        name = ",".join(pieces[position:])
        if folded(name) in gazetteer().areas:
            return [*pieces[:position], name]
    return _COMMAS.split(stretch)


def _mentions(part: str) -> list[Mention]:
    """What a part may mean: itself, or area and city written without a comma, or a city among other words."""
    part = part.strip(" .\t\u00a0-–—*'\"")
    if mention := _known(part):
        return [mention]
    part = " ".join(_NOISE.sub(" ", part).split()).strip(" .-")
    if not part:
        return []
    if mention := _known(part):
        return [mention]
    words = part.replace("-", " ").split()
    if not 1 < len(words) <= _MAX_WORDS:
        return _in_han(part) if _HAN.match(part) else [Mention()]
    for count in range(min(_LONGEST_AREA, len(words) - 1), 0, -1):  # "Austin TX", "London United Kingdom"
        head, tail = " ".join(words[:-count]), _known(" ".join(words[-count:]))
        if tail and tail.areas and (tail.code.isupper() or not tail.code or _known(head)):
            return [*_mentions(head), tail]
    for count in range(min(_LONGEST_AREA, len(words) - 1), 0, -1):  # "Germany Berlin", "US West"
        head_mention = _known(" ".join(words[:count]))
        if head_mention and head_mention.areas and (not head_mention.code or head_mention.code in WELL_KNOWN_CODES):
            return [head_mention, *_mentions(" ".join(words[count:]))]
    return [_city_among(words)]


def _known(name: str) -> Mention | None:
    tables = gazetteer()
    called = folded(name)
    cities = tables.cities(called)
    if len(called) < 3 and called.isascii() and not name.isupper():  # "LA", "SF"
        cities = ()
    if (areas := tables.areas.get(called)) is not None:
        return Mention(called, areas, cities if areas else ())
    if len(name) <= _LONGEST_CODE and (areas := tables.codes.get(name.upper())):
        return Mention(called, areas, cities, name)
    return Mention(called, (), cities) if cities else None


def _city_among(words: list[str]) -> Mention:
    """The longest run of words at the beginning, else at the end, that names a city."""
    if _STREET.search(" ".join(words)):
        return Mention()
    counts = range(len(words) - 1, 0, -1)
    for run in [words[:count] for count in counts] + [words[-count:] for count in counts]:
        mention = _known(" ".join(run))
        if mention and not mention.is_word and mention.cities and mention.cities[0].population >= CITY_FROM:
            return mention._replace(areas=(), code="", certainty=_AMONG_WORDS)
    return Mention()


def _in_han(part: str) -> list[Mention]:
    """The names at the beginning of a part without spaces, as far as the first city: 中国北京市海淀区."""
    mentions: list[Mention] = []
    start = 0
    while start < len(part) and not (mentions and mentions[-1].cities):
        ends = range(min(len(part), start + _LONGEST_HAN), start + 1, -1)
        known = ((end, mention) for end in ends if (mention := _known(part[start:end])))
        start, mention = next(known, (len(part), Mention()))
        mentions.append(mention)
    return mentions
