"""Which level a posting is for, and which words say so.

A title's own words decide first, then the years of experience that the text requires, then what the text states
of itself ("entry-level position"). A word is a level only in its rank's sense: "Senior living", "Lead generation",
"Staff nurse" and "Account executive" name none; the words and what they may not stand beside are in `levels.yaml`.
Where a title offers several levels ("Junior/Senior") and where nothing is said it is unknown: no level is guessed.

    intern     learns beside or for a degree: internship, working student, apprenticeship, co-op
    junior     first job: junior, entry level, graduate, trainee. "Associate" and "Assistant" are no level
    mid        the step between: mid-level, intermediate, medior, confirmé, pleno
    senior     senior and its translations
    lead       guides a group's daily work: lead, team leader, supervisor, foreman
    staff      the step after senior of engineers, scientists and designers only
    principal  the step after staff: principal in front of a role, главный
    manager    answers for a unit of people: "Engineering Manager", "Filialleiter", "начальник отдела". Where the
               word in front is a thing, work or client that is looked after (product, project, account, case, community),
               manager is a profession and no level
    director   director, head of. Art directors, funeral directors and the like are professions
    executive  chief officers, vice presidents, managing directors, founders. An assistant vice president is none:
               a rank of banks far below

Grades ("II", "Level 3", "L5") differ from employer to employer: they are split off a title, but say no level.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from talentpulse.domain.text import encodable
from talentpulse.domain.word_lists import separated, word_list

LevelName = Literal[
    "intern",
    "junior",
    "mid",
    "senior",
    "lead",
    "staff",
    "principal",
    "manager",
    "director",
    "executive",
    "unknown",
]


class Level(NamedTuple):
    """The level, what said it (None where it is unknown) and the words."""

    level: LevelName
    evidence_kind: Literal["title", "years", "text"] | None
    evidence: str


class LevelWord(NamedTuple):
    """Words of rank in a title, `title[start:end]`. `level` is None for grades and ranks that are no level.

    With `is_role` the words are the role's own noun ("Sales Director"), not a step beside one.
    """

    level: LevelName | None
    start: int
    end: int
    is_role: bool


UNKNOWN = Level("unknown", None, "")

_MAX_TITLE = 300  # characters
_MAX_TEXT = 20_000
_MOST_YEARS = 15
_MOST_HITS = 50  # years, and words such as "level", that are looked at; keeps hostile text cheap
_BESIDE = 40  # characters that decide whether a word stands as a rank

# what decides where a title has several: "Intern, Office of the CEO", "Senior Director", "Trainee Manager"
_FIRST_JOBS = frozenset(("trainee", "trainees", "traineeship", "graduate", "absolvent", "absolventin", "einsteiger"))
_ORDER: tuple[LevelName, ...] = (
    "intern",
    "executive",
    "director",
    "manager",
    "principal",
    "staff",
    "lead",
    "senior",
    "mid",
    "junior",
)
_ALTERNATIVE = re.compile(r"\s{0,2}(?:[/|–-]|\b(?:or|to|and|oder|bis|und|ou|et|o|y|e|или|до)\b|&)\s{0,2}")
# from here on a title speaks of whom the job serves
_SERVED = re.compile(
    r"\b(?:(?:report\w*|assistants?|secretary|pa|ea|aide|advis[eo]r|support|supporting|hand) to|office of"
    r"|\w*assistenz|assistent\w*[^,]{0,20}? (?:der|des|di|del\w*|do|da)|sekretar\w* (?:der|des)|referent\w* (?:der|des)"
    r"|assistante?s? (?:de|du|of)|secretaire de|secretari[ao] de\w*|asistente (?:de|del|al))\b"
)
_ENGINEERS = (
    r"(?:engineers?|developers?|scientists?|designers?|architects?|researchers?|technologists?|programmers?|swe|sre"
    r"|product managers?|program managers?)"
)
_BEFORE_ENGINEER = rf"[\W_]{{1,3}}(?:[^\W_]{{1,30}}[\W_]{{1,3}}){{0,4}}{_ENGINEERS}\b"
# a word is a rank only with one of these before it, or after it
_ONLY_BESIDE = {
    "staff": (rf"\b{_ENGINEERS}[\W_]{{1,3}}$", _BEFORE_ENGINEER),
    "distinguished": (rf"\b{_ENGINEERS}[\W_]{{1,3}}$", _BEFORE_ENGINEER),
    "principal": (
        rf"\b(?:{_ENGINEERS}|consultants?|analysts?|ingenieure?|architecte|developpeur|ingeniero|ingegnere)[\W_]{{1,3}}$",
        r"\s[^\W_]",
    ),
    # French, Italian and Dutch; in English it is a theatre's, a rocket's or a start-up's
    "stage": (r"(?:^|[(\[|:–-]\s{0,2}|\b(?:en|offre de) )$", r"(?!)"),
}
_TOKEN = re.compile(r"[^\W_]+")
_SAME_LETTER = {"ł": "l", "ø": "o", "đ": "d", "ß": "s", "ı": "i", "æ": "a", "œ": "o"}

_YEAR_STEMS = (
    *("year", "yrs", "yr ", "jahr", " ans", "année", "annee", "años", "años", "año ", " anos", " anni", "jaar"),
    *(" lat ", " lata", "лет", "год"),
)
_STATED_STEMS = ("level", "seniority", "internship", "karriere", "no experience", "no prior experience", "уровень")
_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: n for n, word in enumerate(_NUMBER_WORDS)}
_NUMBER = rf"(?:[0-9]{{1,2}}|{'|'.join(_NUMBERS)})"
_YEARS_BEFORE = re.compile(
    rf"(?<![\w.,$€£])(?P<least>{_NUMBER})\s?(?:\([0-9]{{1,2}}\)\s?)?(?P<open>\+|plus\b)?\s?"
    rf"(?:(?P<range>-|–|—|to|bis|à|a|до|or|oder)\s?{_NUMBER}\s?(?:\([0-9]{{1,2}}\)\s?)?)?"
    r"(?P<more>\+|plus\b|or more|or greater|oder mehr|ou plus|o más)?\s?(?:full |volle |полных )?$"
)
_LEAST = re.compile(
    r"\b(?:at least|minimum(?: of)?|min\.?|mindestens|mind\.?|au moins|minimum de|al menos|mínimo(?: de)?|minimo(?: di)?|almeno"
    r"|minimaal|от|не менее|co najmniej|min|pelo menos|requires?|required:?|must have|you have|need)\s{0,2}$"
)
_EXPERIENCE = r"(?:experience|experiencia|expérience|erfahrung|опыт|стаж|esperienza|ervaring|doświadczeni|experiência)"
_EXPERIENCE_AFTER = re.compile(rf"[^.;\n]{{0,60}}?{_EXPERIENCE}\w{{0,3}}")
_EXPERIENCE_BEFORE = re.compile(rf"{_EXPERIENCE}[^.;\n]{{0,30}}$")
_WORD_END = re.compile(r"\w*")
_EXPERIENCE_LABEL = re.compile(rf"{_EXPERIENCE}\w{{0,3}}\s?(?:required\s?)?[:(]\s?$")
# an employer's age, where nothing says that the years are a least; what would be nice
_EMPLOYERS_BEFORE = re.compile(
    r"\b(?:we|we've|our|us|company|firm|founded|wir|unser\w*|nous|notre|nos|nuestr\w*|мы|наш\w*)\b[^.\n]{0,30}$"
)
_NOT_REQUIRED_BEFORE = re.compile(r"\b(?:our|over|more than|nearly|almost|last|past|next|first|up to)\s(?:the\s)?$")
_NOT_REQUIRED_AFTER = re.compile(
    r"[^.;\n]{0,60}?\b(?:preferred|a plus|nice to have|desired|desirable|ideally|idealerweise|wünschenswert|von vorteil"
    r"|souhaité|deseable|будет плюсом|combined|collective)\b"
)
_STATED_NAME: dict[str, LevelName] = {
    "intern": "intern",
    "internship": "intern",
    "entry": "junior",
    "junior": "junior",
    "mid": "mid",
    "intermediate": "mid",
    "senior": "senior",
    "lead": "lead",
    "staff": "staff",
    "principal": "principal",
    "manager": "manager",
    "director": "director",
    "executive": "executive",
    "berufseinsteiger": "junior",
    "no experience": "junior",
    "no prior experience": "junior",
}
_NAMES = "intern|entry|junior|mid|intermediate|senior|lead|staff|principal|manager|director|executive"
_STATED = re.compile(
    rf"\b(?:seniority|career|experience|job|position)(?:[ -]level)?\s?[:=]\s{{0,2}}(?P<labelled>{_NAMES}|internship)\b"
    rf"|\b(?P<position>{_NAMES})[ -]level (?:[a-z]{{1,20}} ){{0,2}}(?:position|role|job|opportunity|opening)\b"
    r"|\bthis (?:is an? )?(?:[a-z]{1,20} ){0,2}(?P<internship>internship)(?! (?:program|coordinator|manager))\b"
    rf"|\bkarriere(?:stufe|level)?\s?:\s{{0,2}}(?P<karriere>{_NAMES}|berufseinsteiger)\b"
    r"|\b(?P<none>no (?:prior )?experience)(?: is)? (?:required|necessary|needed)\b"
    rf"|уровень\s?:\s{{0,2}}(?P<russian>{_NAMES})\b"
)


def read_level(title: object, text: object = None) -> Level:
    """The level of a posting from its title and plain text; what is no text counts as missing.

    Years are the least that is required, the highest where several are: 0 or 1 is junior, 2 to 4 mid, 5 to 15
    senior. The steps are a convention that lies between those of the boards' own filters; more years are an
    employer's age. Of a title 300 characters are read, of a text 20,000. Never raises.
    """
    if isinstance(title, str):
        title = unicodedata.normalize("NFC", encodable(title[:_MAX_TITLE]))
        words = [word for word in level_words(title) if word.level]
        if words:
            return _title_level(title, words)
    if not isinstance(text, str):
        return UNKNOWN
    text = encodable(text[:_MAX_TEXT])
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter became two, positions would shift
        text = lowered
    hits = _stems().find_matches_as_indexes(lowered)
    return _years_level(text, lowered, hits) or _stated_level(text, lowered, hits) or UNKNOWN


def level_words(title: str) -> list[LevelWord]:
    """The words of rank in a title of composed characters (NFC), in their order; none overlap."""
    low = folded(title)
    served = _SERVED.search(low)
    tokens = list(_TOKEN.finditer(low, 0, served.start() if served else len(low)))
    found: list[LevelWord] = []
    position = 0
    while position < len(tokens):
        word, length = _word_at(low, tokens, position)
        if word:
            found.append(word)
        elif position and position == len(tokens) - 1 and title[tokens[-1].start() :] in ("I", "V"):
            found.append(LevelWord(None, *tokens[-1].span(), is_role=False))
        position += length
    return found


def folded(text: str) -> str:
    """Lower-case and without accents, character for character: positions stay (NFC presumed)."""
    return text.lower() if text.isascii() else "".join(map(_folded_letter, text))


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0].lower()[0]
    return _SAME_LETTER.get(base, base)


def _title_level(title: str, words: list[LevelWord]) -> Level:
    for left, right in pairwise(words):
        if left.level != right.level and _ALTERNATIVE.fullmatch(title, left.end, right.start):
            return UNKNOWN
    word = min(words, key=lambda word: _ORDER.index(word.level))
    if word.level != "intern":
        word = next((w for w in words if folded(title[w.start : w.end]) in _FIRST_JOBS), word)
    return Level(word.level or "unknown", "title", title[word.start : word.end])


def _word_at(low: str, tokens: Sequence[re.Match[str]], position: int) -> tuple[LevelWord | None, int]:
    """The words of rank that begin with this token, if any, and how many tokens are done with."""
    first = tokens[position]
    ahead = [token[0] for token in tokens[position : position + 6]]
    lexicon = _lexicon()
    for phrase in lexicon.phrases.get(first[0], ()):
        length = len(phrase.words)
        if ahead[:length] == phrase.words:
            end = tokens[position + length - 1].end()
            if not lexicon.stands_as_rank(phrase.text, low, first.start(), end):
                return None, length
            return LevelWord(phrase.level, first.start(), end, phrase.is_role), length
    if first[0] == "chief" and "officer" in ahead:  # Chief People and Culture Officer
        length = ahead.index("officer") + 1
        return LevelWord("executive", first.start(), tokens[position + length - 1].end(), True), length
    if lexicon.german_head.fullmatch(first[0]):
        return LevelWord("manager", first.start(), first.end(), True), 1
    return None, 1


class _Phrase(NamedTuple):
    level: LevelName | None
    text: str
    words: list[str]
    is_role: bool


class _Lexicon(NamedTuple):
    phrases: dict[str, list[_Phrase]]  # by their first word, the longest first
    refused_after: dict[str, re.Pattern[str]]
    refused_before: dict[str, re.Pattern[str]]
    needed: dict[str, tuple[re.Pattern[str], re.Pattern[str]]]
    german_head: re.Pattern[str]

    def stands_as_rank(self, phrase: str, low: str, start: int, end: int) -> bool:
        before, after = low[max(0, start - _BESIDE) : start], low[end : end + 4 * _BESIDE]
        if (refused := self.refused_after.get(phrase)) and refused.search(before):
            return False
        if (refused := self.refused_before.get(phrase)) and refused.match(after):
            return False
        needed = self.needed.get(phrase)
        return not needed or bool(needed[0].search(before) or needed[1].match(after))


@cache
def _lexicon() -> _Lexicon:
    listed: dict[str, Any] = word_list("levels")
    phrases: dict[str, list[_Phrase]] = {}
    for level, words, is_role in [
        *((level, words, False) for level, words in listed["steps"].items()),
        *((level, words, True) for level, words in listed["roles"].items()),
        (None, listed["no_level_roles"], True),
        (None, listed["no_level_steps"], False),
    ]:
        for text in _listed(words):
            phrase = _Phrase(level, text, text.split(), is_role)
            phrases.setdefault(phrase.words[0], []).append(phrase)
    for same_start in phrases.values():
        same_start.sort(key=lambda phrase: -len(phrase.words))
    heads, others = ("|".join(_listed(listed[key])) for key in ("german_head", "no_german_head"))
    return _Lexicon(
        phrases=phrases,
        refused_after={
            w: re.compile(rf"(?:^|[\W_])(?:{beside})[\W_]{{1,3}}$") for w, beside in _beside(listed["not_after"])
        },
        refused_before={
            w: re.compile(rf"[\W_]{{1,3}}(?:{beside})(?![^\W_])") for w, beside in _beside(listed["not_before"])
        },
        needed={word: (re.compile(before), re.compile(after)) for word, (before, after) in _ONLY_BESIDE.items()},
        german_head=re.compile(rf"(?!(?:{others})leit)\w{{3,40}}(?:{heads})"),
    )


def _listed(words: str) -> list[str]:
    return [folded(unicodedata.normalize("NFC", word)).strip() for word in separated(words)]


def _beside(lists: dict[str, str]) -> Iterator[tuple[str, str]]:
    for words, beside in lists.items():
        alternatives = "|".join(_listed(beside)).replace(" ", r"[\W_]{1,3}").replace("*", r"\w*")
        for word in _listed(words):
            yield word, alternatives


@cache
def _stems() -> AhoCorasick:
    stems = [*_YEAR_STEMS, *_STATED_STEMS]
    return AhoCorasick(stems, MatchKind.LeftmostLongest, implementation=Implementation.DFA)


def _years_level(text: str, lowered: str, hits: list[tuple[int, int, int]]) -> Level | None:
    mentioned = [at for stem, at, _ in hits if stem < len(_YEAR_STEMS)][:_MOST_HITS]
    required = [years for at in mentioned if (years := _required_years(lowered, at))]
    if not required:
        return None
    least, start, end = max(required, key=lambda years: years[0])
    level: LevelName = "junior" if least < 2 else "mid" if least < 5 else "senior"
    return Level(level, "years", text[start:end])


def _required_years(lowered: str, at: int) -> tuple[int, int, int] | None:
    """The least years required where the word at `at` says years; and where the words begin and end."""
    begin = max(0, at - 40)
    years = _YEARS_BEFORE.search(lowered, begin, at + 1 if lowered[at] == " " else at)
    if not years:
        return None
    least = _NUMBERS.get(years["least"])
    least = int(years["least"]) if least is None else least
    before = lowered[max(0, years.start() - 40) : years.start()]
    after = _EXPERIENCE_AFTER.match(lowered, at, at + 90)
    is_least = bool(years["open"] or years["range"] or years["more"] or _LEAST.search(before))
    is_experience = after or _EXPERIENCE_LABEL.search(before) or (is_least and _EXPERIENCE_BEFORE.search(before))
    if least > _MOST_YEARS or not is_experience or (not is_least and _EMPLOYERS_BEFORE.search(before)):
        return None
    if _NOT_REQUIRED_BEFORE.search(before) or _NOT_REQUIRED_AFTER.match(lowered, at, at + 90):
        return None
    end = after or _WORD_END.match(lowered, at + 1)
    return least, years.start(), end.end() if end else at


def _stated_level(text: str, lowered: str, hits: list[tuple[int, int, int]]) -> Level | None:
    stating = [(start, end) for stem, start, end in hits if stem >= len(_YEAR_STEMS)]
    for start, end in stating[:_MOST_HITS]:
        stated = _STATED.search(lowered, max(0, start - 30), end + 60)
        if stated:
            name = next(filter(None, stated.groups()))
            return Level(_STATED_NAME[name], "text", text[stated.start() : stated.end()])
    return None
