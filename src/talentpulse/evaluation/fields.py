"""The fields of a posting that are measured: by which module, and where each is known to fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from talentpulse.evaluation import levels, pay, places, skills, soft_skills, work_modes
from talentpulse.evaluation.measures import Evaluation


class Field(NamedTuple):
    """One field: how it is measured, and what its readers should know before they trust it."""

    title: str
    evaluate: Callable[[Path], list[Evaluation]]
    known_to_fail: str


FIELDS = {
    "skills": Field(
        "Skills",
        skills.evaluate,
        "Names that are everyday words or other people's products where no rule knows the context; a company "
        "that describes its product by its customers' trade ('practice management software'); lists of "
        "degrees, which count as demand. Texts in other languages than English are read for names and for the"
        " technical words of German and French only. The non-technical professions and the German and French "
        "words rest on labelled contexts of our own, not on a labelled set.",
    ),
    "soft-skills": Field(
        "Soft skills",
        soft_skills.evaluate,
        "A third of the labelled phrases are the bare words 'dynamic' and 'independent', mostly said of a "
        "company: they are no form, which bounds the recall. Praise of the employer's team in the words for "
        "an applicant counts as demand.",
    ),
    "place": Field(
        "Place",
        places.evaluate,
        "A name alone goes by its inhabitants: 'Valencia' is Venezuela's, 'Newcastle' Australia's. Towns "
        "below 5,000 inhabitants, misspelt ones and streets without a town are unknown. Continents and unions"
        " are no country. Kosovo has no ISO 3166-1 code.",
    ),
    "pay": Field(
        "Pay",
        pay.evaluate,
        "Single amounts without a word for pay beside them are not taken from a text. Of several grades or "
        "roles in one advertisement the first counts. Yearly values are of full-time work at the rates of "
        "2024-12-31; currencies without a rate have none (ETB, NGN, PKR, VND ...).",
    ),
    "work-mode": Field(
        "Work mode",
        work_modes.evaluate,
        "Words glued together by a board ('LeedsHybrid'), a negation more than 25 characters away, a bare "
        "'Homeoffice' in running text. Where remote and onsite are both offered the answer is remote.",
    ),
    "level": Field(
        "Level",
        levels.evaluate,
        "Most titles name no level; years of experience then decide, by steps of our own (0 to 1 junior, 2 to"
        " 4 mid, 5 to 15 senior). The labels are what posters chose in a form, often its default. Where "
        "degrees have different years the highest counts.",
    ),
}
