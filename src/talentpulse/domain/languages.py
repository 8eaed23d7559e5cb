"""Which language a text is in: a guess from its first 300 characters, or none."""

from __future__ import annotations

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_CHARACTERS = 300
# below it lie lists of product names ("Python, Java, SQL": 0.04) and single words; the shortest sentences of an
# advertisement reach 0.5
_LEAST_CONFIDENCE = 0.4


def guess_language(text: str) -> str | None:
    """ISO 639-1 code of the language of the text's beginning; None where that is no sentence of any. About 150 us.

    The guess is a naive Bayes classifier's over character sequences (Lui and Baldwin 2012, in py3langid).
    """
    language, confidence = _identifier().classify(text[:_CHARACTERS])
    return str(language) if confidence >= _LEAST_CONFIDENCE else None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
