"""Marked ranges of characters in sentences that are given as tokens with a letter of B, I, O each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start` to `end` of a text."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def overlaps_any(self, others: Iterable[Span]) -> bool:
        """Whether it shares a character with one of them."""
        return any(map(self.overlaps, others))


def text_and_spans(tokens: Sequence[str], letters: str) -> tuple[str, list[Span]]:
    """The tokens joined by blanks, and the ranges that B begins and I continues; an I behind an O begins one too."""
    spans: list[Span] = []
    position = 0
    previous = "O"
    for token, letter in zip(tokens, letters, strict=True):
        end = position + len(token)
        if letter == "B" or (letter == "I" and previous == "O"):
            spans.append(Span(position, end))
        elif letter == "I":
            spans[-1] = Span(spans[-1].start, end)
        previous = letter
        position = end + 1
    return " ".join(tokens), spans
