"""Where the work of a posting is done: remote, hybrid, onsite or unknown, and which words say so.

    remote   may be done wholly away from a workplace. Offered beside other modes ("REMOTE or ONSITE") it is remote:
             the mode is the farthest from the office that an applicant may choose
    hybrid   part of the week at a workplace: hybrid working, some days remote, 80 % remote, Homeoffice möglich
    onsite   at a workplace; also where remote work is ruled out ("no remote", "kein Homeoffice")
    unknown  nothing is said, or only what is not about this job: remote sensing, hybrid cloud, on-site support, an on-site
             gym; "not fully remote" says nothing alone

The first of location, title and text that says something decides. A location, a title and a text's first line where it is a
header ("Acme | Berlin | REMOTE") are short enough for a bare word to count; in running text a word counts where it
stands alone as a piece, or where the words beside it speak of the job. The words are in `work_modes.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from talentpulse.domain.text import encodable
from talentpulse.domain.word_lists import separated, word_list

Mode = Literal["remote", "hybrid", "onsite", "unknown"]


class WorkMode(NamedTuple):
    """The mode, the words that say it and the field they stand in (None where it is unknown)."""

    mode: Mode
    evidence: str
    field: Literal["location", "title", "text"] | None


UNKNOWN = WorkMode("unknown", "", None)

_MAX_FIELD = 500  # characters
_MAX_TEXT = 20_000
_OPENING = 200
_MOST_MENTIONS = 200  # that are looked at; keeps hostile text cheap
_MAX_HEADER = 120  # a longer first line without bars is a sentence
_BEFORE = 40  # characters beside a mention that decide what it means
_AFTER = 60

_Scope = Literal["location", "title", "text"]
_Kind = Literal["remote", "home", "hybrid", "onsite", "office", "days", "anywhere", "ruled out"]
_Stance = Literal["remote", "hybrid", "onsite", "not remote", "anywhere"]

_MEANS: dict[_Kind, _Stance] = {
    "remote": "remote",
    "home": "remote",
    "hybrid": "hybrid",
    "onsite": "onsite",
    "office": "onsite",
}
# part of the week: "partly remote", "80 % remote", "2 jours de télétravail", "onsite 3x a week"
_PART_BEFORE = re.compile(
    r"\b(?:part(?:ly|ially|ial)?|some|occasional(?:ly)?|semi|mix of|combination of|teilweise|partiel(?:lement)?|частично"
    r"|(?<!\d)[1-9]\d? ?%"
    r"|(?:[1-4]|one|two|three|four|ein|zwei|drei|few) (?:days?|tagen?|jours?|días|дня|dni)"
    r"(?: (?:a|per|pro|die|par|por|в) (?:week|woche|semaine|semana|неделю))?(?: of| de| en| im| from)?)[ -]$"
)
_PART_AFTER = re.compile(
    r"[ :,-]{0,2}\(?(?:up to |at least |bis zu |max\.? |jusqu'à |à raison de )?"
    r"(?:(?:[1-4](?: ?[-–] ?[1-5])?|one|two|three|four|a few|some|several)"
    r"(?: ?x\b| (?:days?|times|tage?|jours?|días?|giorni|дн|dni)\b)(?! (?:a|per|each|every|pro|im) mon)"
    r"|(?:once|twice) (?:a|per) week)"
    r"|[ -]?(?:partiel|parcial|teilweise|partial|part of|some of|rest of)"
)
_REMOTE_DAYS = re.compile(r"[ -]?(?:days|tagen?|tage)\b")
# "some remote positions" are whole ones; "a 30 % remote team" speaks of others
_PART_OF_JOB = re.compile(
    r"\s{0,2}(?:$|[^\w\s-]|\n|[ -](?:work|option|permitted|possible|allowed|policy|arbeit|and|in|from|for|with)\b)"
)
_MANY = re.compile(r"[ -](?:positions|roles|jobs|teams?|workers)\b")
_HOME_PARTLY_BEFORE = re.compile(
    r"(?:möglichkeit\w*|possibilit\w*|posibilidad|option|optional|flexible)(?: (?:zu|zum|zur|für|auf|von|de|del|to|of|di))? $"
)
_HOME_PARTLY_AFTER = re.compile(
    r"[ -]?(?:(?:ist )?möglich|option|anteil|regelung|flexib|policy|possible|opportunit|permitted)"
)

# "no remote", "pas de télétravail": within 25 characters and one clause, except "no agencies", "not only", "no need to"
_NEGATED_BEFORE = re.compile(
    r"\b(?:no|not|non|isn't|aren't|don't|doesn't|cannot|can't|won't|never|without|kein\w*|nicht|ohne|pas|sans|aucun|sin|senza"
    r"|нет|не|без|geen|niet|bez|nie|brak|sem|não|nao)\b(?P<between>[^.;:|,\n!?()/•]{0,25})$"
)
_NOT_NEGATING = re.compile(
    r"\b(?:only|just|limited|need|experience|agenc|recruit|relocat|visa|travel|commut|degree|problem|third|c2c|sponsor|overtime"
    r"|weekend|matter|nur|seulement|solo|только|but|and)"
)
_NOT_WHOLLY = re.compile(
    r"\b(?:full|100|completely|entirely|permanent|always|ganz|komplett|vollständig|totally|strictly|полностью)"
)
_ELSEWHERE = re.compile(r"[ -]only\b|(?: \w{1,20})? (?:outside|beyond|except|abroad|overseas|for juniors?)\b")
# "remote: no", "remote work is not possible", but not "remote - no agencies"
_NEGATED_AFTER = re.compile(
    r"(?: (?:work\w*|jobs?|options?|candidates|applicants|positions?|roles?|arbeit))?\s{0,2}(?:[:=?–-]\s{0,2}|\(\s?)?"
    r"(?:(?:is|are|will|can|ist|sind|est|es|è) )?"
    r"(?:no|not|nein|nicht|non|нет|не|nie|niet|isn't|aren't|cannot|won't|false|n/a|impossib\w*|imposible|unavailable|kein\w*)\b"
    r"(?=\s*(?:$|[.,;|)\n!\]]|possible|available|allowed|an? option|offered|considered|accepted|supported|permitted|currently"
    r"|at this|eligible|möglich|vorgesehen|disponible|possibile|prévu|posible|возмож|предусмотр|możliw|mogelijk|be\b))"
)
_NOT_NOW = re.compile(r"\b(?:temporarily|initially|currently|formerly)[ -]$")
_HYBRID_OR_REMOTE = re.compile(r"remote\w*\s?,?\s?(?:or|/)\s?hybrid|hybrid\s?(?:or|/)\s?(?:fully )?remote")

# a piece of its own: a line, between bars, after a colon, in brackets
_ALONE_BEFORE = re.compile(r"(?:^|[\n|([:•·*>]|[\n|]\s?[-–]|\w ?/|\w [–-] )\s{0,3}(?:(?:fully|100 ?%|only)\s)?$")
_ALONE_AFTER = re.compile(r"\s{0,2}(?:$|[\n|),;.(\]£$€]|[-–/]\s|/ ?(?:hybrid|remote|on-?site))")
_LABEL_BEFORE = re.compile(
    r"\b(?:location|arrangements?|mode|model|type|work|working|office|policy|ort|arbeitsort|arbeitsmodell|lieu|modalidad|формат)"
    r"\s?:\s{0,2}(?:(?:fully|100 ?%)\s)?$"
)

# "is remote in Spain", but not "is a hybrid design role"
_NO_NOUN_AFTER = re.compile(
    r"\s{0,2}(?:$|[^\w\s-]|\n|(?:in|at|within|from|for|and|or|to|but|as|on|only|anywhere|across|now|if|when|during|while|is|are|a|the|und"
    r"|oder|aus|ab|mit|et|ou|avec|y|o|e|con|team|company|organi[sz]ation|start-?up|environment|и|или|из|на|в)\b)"
)

_DAYS_COUNT = re.compile(
    r"\b(?P<days>[1-5]|one|two|three|four|five|ein|zwei|drei|vier|fünf|deux|trois|quatre|cinq)"
    r"(?: ?(?:-|–|to|bis|à) ?(?:[1-5]|two|three|four|five))?(?: full| fixed)?[ -]$"
)
_DAYS_PLACE = re.compile(
    r"(?P<week> ?(?:/|a|per|each|every|pro|die|par|por|в|in der|in de|w)"
    r" ?(?:week|woche|semaine|semana|неделю|tygodniu)| weekly)?,? ?"
    r"(?! ?(?:a|per|each|every|pro|im) mon)"
    r"(?:(?P<office>(?:(?:in|at|from|im|au|en|в|w|na) )?(?:the |our |an? |die |der )?(?:[^\W\d_]{1,20} )?"
    r"(?:office|onsite|on-site|on site|büro|bureau|oficina|офис|biur|kantoor|vor ort|sur site))"
    r"|(?P<home>(?:(?:of|de|en|im|from|at|mit|aus dem) )?(?:the )?(?:remote|home|télétravail|mobil|дома|zdaln)))"
)
_ONE_DAY = ("day", "tag", "jour", "день")
_WHOLE_WEEK = ("5", "five", "fünf", "cinq")
_ENDING = re.compile(r"\w*")


def read_work_mode(location: object, title: object, text: object) -> WorkMode:
    """The work mode of a posting from its location, title and plain text; what is no text counts as missing.

    A sender's own claim (`is_remote`) is no part of it. Of the fields 500 characters are read, of the text 20,000.
    Never raises.
    """
    if isinstance(location, str) and (read := _read(location[:_MAX_FIELD], "location")):
        return WorkMode(*read, "location")
    if isinstance(title, str) and (read := _read(title[:_MAX_FIELD], "title")):
        return WorkMode(*read, "title")
    if isinstance(text, str):
        header = text[:_MAX_FIELD].partition("\n")[0].rstrip()
        is_header = "|" in header or (len(header) <= _MAX_HEADER and not header.endswith("."))
        read = (_read(header, "title") if is_header else None) or _read(text[:_MAX_TEXT], "text")
        if read:
            return WorkMode(*read, "text")
    return UNKNOWN


def mode_words(title: str) -> list[tuple[int, int]]:
    """Where a title speaks of the work mode, in its order: `title[start:end]`; none where letters change their number."""
    lowered = _lowered(encodable(title))
    return (
        sorted((start, end) for _, start, end in _stances(title, lowered, "title"))
        if len(lowered) == len(title)
        else []
    )


def _read(text: str, scope: _Scope) -> tuple[Mode, str] | None:
    text = encodable(text)
    lowered = _lowered(text)
    stances: dict[_Stance, tuple[int, int]] = {}
    if len(lowered) != len(text):  # a letter became two, positions would shift
        text = lowered
    for stance, start, end in _stances(text, lowered, scope):
        stances.setdefault(stance, (start, end))
    said: tuple[Mode, _Stance]
    if "hybrid" in stances and not ("remote" in stances and _HYBRID_OR_REMOTE.search(lowered)):
        said = "hybrid", "hybrid"
    elif "not remote" in stances:
        said = "onsite", "not remote"
    elif "remote" in stances:
        said = "remote", "remote"
    elif "onsite" in stances:
        said = "onsite", "onsite"
    elif "anywhere" in stances:  # "Offices worldwide, ONSITE"
        said = "remote", "anywhere"
    else:
        return None
    start, end = stances[said[1]]
    return said[0], text[start:end]


def _lowered(text: str) -> str:
    return text.lower().replace("’", "'")


def _stances(text: str, lowered: str, scope: _Scope) -> Iterator[tuple[_Stance, int, int]]:
    """What each mention says of the job, and where its words are."""
    words = _words()
    for form, start, end in words.automaton.find_matches_as_indexes(lowered)[:_MOST_MENTIONS]:
        kind, is_prefix = words.forms[form]
        if (start and lowered[start - 1].isalnum()) or (not is_prefix and lowered[end : end + 1].isalpha()):
            continue
        if is_prefix and kind != "home" and (ending := _ENDING.match(lowered, end)):
            end = ending.end()
        before, after = lowered[max(0, start - _BEFORE) : start], lowered[end : end + _AFTER]
        if kind == "days":
            said = _stance_of_days(lowered[start:end], before, after)
        else:
            # ads that lost their line breaks begin with what was a header: "Baker Riga Hybrid £30,000"
            is_tag = scope == "text" and start < _OPENING and text[start].isupper()
            said = _stance(kind, before, after, "title" if is_tag else scope)
        if said:
            yield said.stance, start - said.words_before, end + said.words_after


class _Said(NamedTuple):
    stance: _Stance
    words_before: int = 0  # characters before and after the mention that belong to what is said
    words_after: int = 0


def _stance(kind: _Kind, before: str, after: str, scope: _Scope) -> _Said | None:
    words = _words()
    if _NOT_NOW.search(before) or (kind in words.another_thing and words.another_thing[kind].match(after)):
        return None
    if (negated := _negated(before, after)) is not False:
        return negated if kind in ("remote", "home", "anywhere") else None
    if kind == "ruled out":
        return _Said("not remote")
    if part := _PART_BEFORE.search(before):
        if _MANY.match(after) or (scope == "text" and not _PART_OF_JOB.match(after)):
            return None
        return _Said("hybrid", words_before=len(part[0]))
    if part := _PART_AFTER.match(after):
        return _Said("hybrid", words_after=len(part[0]))
    if kind in ("remote", "home") and _REMOTE_DAYS.match(after):
        return _Said("hybrid")
    if kind == "home" and (_HOME_PARTLY_AFTER.match(after) or _HOME_PARTLY_BEFORE.search(before)):
        return _Said("hybrid")
    if kind == "anywhere":
        return _Said("anywhere") if scope == "location" else None
    counts = (
        scope != "text"
        or (_ALONE_BEFORE.search(before) and _ALONE_AFTER.match(after))
        or _LABEL_BEFORE.search(before)
        or (words.job_before[kind].search(before) and _NO_NOUN_AFTER.match(after))
        or words.job_after[kind].match(after)
    )
    return _Said(_MEANS[kind]) if counts else None


def _negated(before: str, after: str) -> _Said | Literal[False] | None:
    """What a negation beside the mention leaves of it, None for nothing; False where there is no negation."""
    if found := _NEGATED_BEFORE.search(before):
        if _NOT_NEGATING.search(found["between"]) and not found["between"].endswith(" or "):  # no visa or remote
            return False
        if _NOT_WHOLLY.search(found["between"]) or _ELSEWHERE.match(after):
            return None
        return _Said("not remote", words_before=len(found[0]))
    if found := _NEGATED_AFTER.match(after):
        return None if _NOT_WHOLLY.search(before[-12:]) else _Said("not remote", words_after=len(found[0]))
    return False


def _stance_of_days(days: str, before: str, after: str) -> _Said | None:
    """Some days a week at a place: "3 days in the office", "5 days a week onsite", "2 Tage Homeoffice"."""
    count, place = _DAYS_COUNT.search(before), _DAYS_PLACE.match(after)
    if not count or not place or (days in _ONE_DAY and not place["week"]):  # a trial day
        return None
    stance: _Stance = "hybrid"
    if count["days"] in _WHOLE_WEEK:
        stance = "onsite" if place["office"] else "remote"
    return _Said(stance, len(count[0]), len(place[0]))


class _Words(NamedTuple):
    automaton: AhoCorasick
    forms: list[tuple[_Kind, bool]]  # the kind of each form, and whether it may go on
    another_thing: dict[_Kind, re.Pattern[str]]
    job_before: dict[_Kind, re.Pattern[str]]
    job_after: dict[_Kind, re.Pattern[str]]


@cache
def _words() -> _Words:
    listed: dict[str, Any] = word_list("work_modes")
    forms = [(form, kind) for kind, words in listed["forms"].items() for form in separated(words)]
    stems = [form.rstrip("*") for form, _ in forms]
    job = _alternatives(listed["job"])
    return _Words(
        automaton=AhoCorasick(stems, MatchKind.LeftmostLongest, implementation=Implementation.DFA),
        forms=[(kind, form.endswith("*")) for form, kind in forms],
        another_thing={k: re.compile(rf"[ -](?:{_alternatives(w)})(?!\w)") for k, w in listed["another_thing"].items()},
        job_before={k: re.compile(rf"(?<!\w)(?:{_alternatives(w)})[: ]$") for k, w in listed["job_before"].items()},
        job_after={
            kind: re.compile(rf"[ -](?:{_alternatives(words).replace('<job>', job)})(?!\w)")
            for kind, words in listed["job_after"].items()
        },
    )


def _alternatives(words: str) -> str:
    """The listed words as a regular expression."""
    escaped = map(re.escape, separated(words.replace("{job}", "<job>")))
    return "(?:" + "|".join(escaped).replace(r"\*", r"\w*").replace(r"\ ", "[ -]") + ")"
