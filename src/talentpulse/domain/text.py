"""Plain text from what boards publish as a description: text, HTML, or HTML escaped once more."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

MAX_CHARACTERS = 100_000
"""Of each text of a posting, markup included; no advertisement is longer."""

# every pattern stops at the next `<`, so hostile input costs one look per character
_HIDDEN = re.compile(r"<!--|<(script|style)\b[^<>]*>", re.IGNORECASE)
_HIDDEN_END = {
    "script": re.compile(r"</script\b[^<>]*>?", re.IGNORECASE),
    "style": re.compile(r"</style\b[^<>]*>?", re.IGNORECASE),
    "": re.compile(r"-->"),
}
_BLOCK_TAG = re.compile(
    r"</?(?:address|article|aside|blockquote|body|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer"
    r"|form|h[1-6]|head|header|hr|html|legend|li|main|menu|nav|ol|optgroup|option|p|pre|section|select|summary|table"
    r"|tbody|td|textarea|tfoot|th|thead|title|tr|ul)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
_LONG_DECIMAL_ENTITY = re.compile(r"&#[0-9]{8,};?")  # no such character; html.unescape would die of the digits
_INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
_ODD_BLANKS = ("\u00a0", "\u202f", "\u2007")


def posting_text(payload: Mapping[str, Any]) -> str:
    """Title and description as plain text, a line break between; of each the first 100,000 characters, markup included."""
    texts = (payload.get("title"), payload.get("description"))
    return "\n".join(plain_text(text[:MAX_CHARACTERS]) for text in texts if isinstance(text, str))


def plain_text(html_or_text: str) -> str:
    """The text a reader would see: block tags are line breaks, inline tags nothing, entities characters.

    Scripts, styles and comments go with what they hold (an unclosed one takes the rest, as in a browser).
    Zero-width characters go, no-break blanks become blanks. Text without markup comes back as it is. Where
    entities, but no tags, are present, the decoded text is read as HTML once more: some boards escape their
    HTML. Linear, never raises.
    """
    text = html_or_text
    if "&" in text and "<" not in text:
        text = _unescaped(text)
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = _unescaped(text)
    if not text.isascii():
        for character in _INVISIBLE:
            text = text.replace(character, "")
        for character in _ODD_BLANKS:
            text = text.replace(character, " ")
    return text


def encodable(text: str) -> str:
    """With a question mark for every lone surrogate, which neither the automaton nor a table takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _unescaped(text: str) -> str:
    if "&#" in text:
        text = _LONG_DECIMAL_ENTITY.sub("\ufffd", text)
    return html.unescape(text)


def _without_tags(text: str) -> str:
    text = _without_hidden(text)
    if not _BLOCK_TAG.search(text):
        return _TAG.sub("", text)
    # in HTML the source's own line breaks are blanks; only its blocks break lines
    text = text.replace("\r", " ").replace("\n", " ")
    text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


def _without_hidden(text: str) -> str:
    kept = []
    position = 0
    while opening := _HIDDEN.search(text, position):
        kept.append(text[position : opening.start()])
        closing = _HIDDEN_END[(opening[1] or "").lower()].search(text, opening.end())
        if closing is None:
            return "".join(kept)
        position = closing.end()
    return "".join([*kept, text[position:]]) if kept else text
