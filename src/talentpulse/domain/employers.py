"""Who employs: the employer's name without legal form and decoration, and a key in which its spellings meet.

"The Acme Corp.", "ACME Corporation\\n3.8" and "Acme (YC S14)" are one employer, "Acme Bank" is another. Legal forms are those
of cleanco's tables and an addition of our own, looked up as whole words at the end of a name (a few also at its start).
cleanco's own `basename` is not used: it takes three times as long (36 µs a name), empties names that are a form's
letters ("SAS"), takes countries for forms ("Acme UK") and one form only of "Foo Co., Ltd.".
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any, NamedTuple

from cleanco.termdata import terms_by_country, terms_by_type

from talentpulse.domain.text import encodable
from talentpulse.domain.word_lists import separated, word_list


class Employer(NamedTuple):
    """The name as it is written, without legal form and decoration, and the key that its spellings share."""

    name: str
    key: str


_MAX_CHARACTERS = 300

# written against the name without a blank, and in full
_GLUED = re.compile(
    r"^(?:株式会社|有限会社|合同会社|一般社団法人|\(株\)|（株）|㈱|주식회사|\(주\)|（주）|㈜)\s*"
    r"|\s*(?:株式会社|有限会社|合同会社|\(株\)|（株）|㈱|주식회사|\(주\)|（주）|㈜|(?:股份)?有限(?:责任)?公司|(?:股份)?有限公司|集团公司)$"
)
# rated sites append their stars; start-ups name their batch, listed companies their ticker
_RATING = re.compile(
    r"\s*[\n\r]\s*[0-5](?:[.,]\d)?\s*(?:★|stars?)?\s*$|\s[1-5][.,][1-9]\s*(?:★|stars?)?\s*$|\s[1-5](?:[.,]\d)?\s?★\s*$"
)
_ASIDE = re.compile(
    r"\s*[(\[](?:"
    r"(?:yc|y combinator|techstars|500 ?startups|nasdaq|nyse|lse|lon|asx|tsx|otc\w*|euronext|xetra|etr)\b[^()\[\]]{0,40}"
    r"|an? (?:\w{1,20} )?(?:subsidiary|division|brand|company|member|part) (?:of|by)\b[^()\[\]]{0,60}"
    r"|(?:formerly|previously|fka|f/k/a|ehemals|ex)\b[^()\[\]]{0,60}"
    r"|(?:https?://|www\.)[^()\[\]]{0,120}|[a-z0-9-]{1,40}\.(?:com|io|ai|co|net|org|de|fr)/?"
    r"|(?:we['’]re |now )?hiring!?"
    r")[)\]]",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\s*\(([^\W\d_]{2,6})\)$")
_TRADING = re.compile(r"\s(?:d/b/a|dba|t/a|trading as)\s", re.IGNORECASE)
_AND = frozenset(("&", "+", "and", "und", "et", "y", "и"))
_SMALL_WORDS = frozenset(("of", "the", "for", "de", "in"))
_TOKEN = re.compile(r"[^\s,;]+")
_EDGES = " \t\n\r\"'“”„«»‚‘’`*|,;:–—-_·•"
_SAME_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss"}
)


def read_employer(raw: object) -> Employer | None:
    """The employer of a posting; None where nobody is named ("Confidential", "N/A", what is no text).

    Names keep their case; 300 characters are read. A name that is a legal form ("SAS") stays. Never raises.
    """
    if not isinstance(raw, str):
        return None
    text = unicodedata.normalize("NFC", encodable(raw[:_MAX_CHARACTERS]))
    text = _RATING.sub("", text.strip())
    text = _ASIDE.sub("", text)
    text = " ".join(text.split()).strip(_EDGES)
    if trading := _TRADING.search(text):  # "Foo Holdings LLC dba Acme"
        text = text[trading.end() :]
    name, bare = _without_legal_form(text)
    key = _key(bare)
    return None if not key or key in _words().nobody else Employer(name, key)


def _without_legal_form(text: str) -> tuple[str, str]:
    """The name without legal form, and the same without "Company", which people say and write as part of a name."""
    text = _GLUED.sub("", text).strip(_EDGES) or text
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return "", ""
    words = [_word(token[0]) for token in tokens]
    start, end = 0, len(words)
    while start < end - 1 and words[start] in _words().at_start:
        start += 1
    shown_end = end
    while length := _form_length(words[start:end], tokens[end - 1][0]):
        end -= length
        shown_end = shown_end if words[end : end + length] == ["company"] else end
    begin = tokens[start].start()
    bare = _without_initials(text[begin : tokens[end - 1].end()])
    return bare if shown_end == end else text[begin : tokens[shown_end - 1].end()].strip(_EDGES), bare


def _without_initials(name: str) -> str:
    """ "Electronic Arts (EA)" is Electronic Arts."""
    if found := _INITIALS.search(name):
        words = [word for token in _TOKEN.findall(name[: found.start()]) if (word := _word(token)) and word != "&"]
        capitals = "".join(word[0] for word in words if word not in _SMALL_WORDS)
        if found[1].casefold() in (capitals, "".join(word[0] for word in words)):
            name = name[: found.start()]
    return name.strip(_EDGES)


def _form_length(words: list[str], last: str) -> int:
    """How many words at the end are a legal form; 0 for none. What stands alone is a name."""
    if len(words) > 1 and not words[-1]:  # punctuation between forms
        return 1
    if last.endswith(")") and "(" not in last:  # the end of an aside
        return 0
    listed = _words()
    for length in range(min(listed.longest_form, len(words) - 1), 0, -1):
        if tuple(words[-length:]) in listed.forms:
            is_dotted = "." in last[:-1] or "/" in last
            is_word = len(words[-1]) <= 2 and not is_dotted and (words[-1] not in listed.short_forms or last.islower())
            return 0 if length == 1 and is_word and words[-1] != "co" else length
    return 0


def _word(token: str) -> str:
    """Letters and digits of a word, folded; `&` for any "and"."""
    word = _folded(token)
    return "&" if word in _AND else "".join(filter(str.isalnum, word))


def _folded(text: str) -> str:
    text = text.casefold()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_SAME_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def _key(name: str) -> str:
    text = _folded(name).removesuffix(".com").replace("&", " and ").replace(" + ", " and ").replace("+", " plus ")
    words = ["and" if word in _AND else word for word in text.split()]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return "".join(filter(str.isalnum, "".join(words)))


class _Words(NamedTuple):
    forms: frozenset[tuple[str, ...]]  # as words without dots
    longest_form: int
    short_forms: frozenset[str]
    at_start: frozenset[str]
    nobody: frozenset[str]


@cache
def _words() -> _Words:
    raw: dict[str, Any] = word_list("employers")
    listed = {name: frozenset(separated(words)) for name, words in raw.items()}
    terms = {term for table in (terms_by_type, terms_by_country) for terms in table.values() for term in terms}
    forms: set[tuple[str, ...]] = set()
    for term in terms | listed["forms"]:
        forms.add(tuple(_word(token) for token in term.split()))
        if "." in term:  # "S. A." as well as "S.A."
            forms.add(tuple(re.findall(r"[^\W_]+|&", _folded(term))))
    forms = {form for form in forms if form and form[-1] not in {"", "&", *listed["no_forms"]}}
    return _Words(
        forms=frozenset(forms),
        longest_form=max(map(len, forms)),
        short_forms=listed["short_forms"],
        at_start=listed["at_start"],
        nobody=listed["nobody"],
    )
