"""A description as people read it: plain, without footer, with its language and a hash. The stream needs none of it."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import NamedTuple

from talentpulse.domain.languages import guess_language
from talentpulse.domain.text import MAX_CHARACTERS, plain_text

# what boards and legal departments put under every advertisement, a line each
_FOOTER_LINE = re.compile(
    r"equal[- ](?:employment[- ])?opportunit|(?:all )?qualified applicants|regardless of race|without regard to race"
    r"|protected veteran|reasonable accommodation|e-verify|privacy (?:policy|notice|statement)|cookie"
    r"|all rights reserved|^(?:©|\(c\) ?(?:19|20)\d\d|copyright\b)|^powered by\b|^#li-\w+"
    r"|^(?:show|read|see|view) (?:more|less)$|^apply (?:now|here|today|for this job)\b.{0,20}$"
    r"|^(?:job|requisition|reference|vacancy)(?: ?(?:id|no|number|code))?\.? ?[:#] ?[\w-]{1,30}$"
    r"|^share this (?:job|posting|vacancy)|datenschutz|impressum|politique de confidentialité"
    r"|wir freuen uns auf ihre bewerbung",
    re.IGNORECASE,
)
_LONGEST_FOOTER_LINE = 2_000  # beyond it a line is the whole advertisement on one line


class Text(NamedTuple):
    """A description as people read it. `language` is None where the beginning is no sentence of any language.

    `content_hash` (32 hexadecimal digits) is the same for texts that differ in markup, letter case, white space or
    footer alone; None where there is no text.
    """

    plain: str
    language: str | None
    content_hash: str | None


def read_text(raw: object) -> Text:
    """Plain text without footer, its language and its hash; of what is no text, an empty one. Never raises."""
    plain = without_footer(plain_text(raw[:MAX_CHARACTERS])) if isinstance(raw, str) else ""
    words = " ".join(plain.casefold().split())
    if not words:
        return Text("", None, None)
    content_hash = blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return Text(plain, guess_language(plain), content_hash)


def without_footer(plain: str) -> str:
    """The text without the lines at its end that stand under every advertisement."""
    lines = plain.rstrip().split("\n")
    while lines and _is_footer(lines[-1].strip()):
        lines.pop()
    return "\n".join(lines)


def _is_footer(line: str) -> bool:
    return not line or (len(line) <= _LONGEST_FOOTER_LINE and _FOOTER_LINE.search(line) is not None)
