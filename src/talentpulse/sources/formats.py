"""What boards and applicant tracking systems deliver, record by record, to the payload of our event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

EVENT = "event"
"""Format of records that are events already."""


class Posted(NamedTuple):
    """One posting: the source's own id (None if it has none) and the payload, empty fields left out."""

    job_id: str | None
    payload: dict[str, Any]


class UnknownFormatError(ValueError):
    """A record whose fields are those of no known format, or not those of the stated one."""


def unwrapped(fields: dict[str, Any]) -> dict[str, Any]:
    """The record itself where it is wrapped as {"source": ..., "raw": {...}}."""
    raw = fields.get("raw")
    return raw if isinstance(raw, dict) else fields


def detected(fields: dict[str, Any]) -> str:
    """Name of the format that has these fields.

    Raises:
        UnknownFormatError: none has.
    """
    for name, signature in _SIGNATURES.items():
        if signature <= fields.keys():
            return name
    known = ", ".join(sorted(map(str, fields))[:8])
    raise UnknownFormatError(f"the fields are those of no known format: {known}")


def _posted(job_id: object, **payload: Any) -> Posted:
    kept = {name: value for name, value in payload.items() if value not in (None, "", [])}
    return Posted(str(job_id) if job_id not in (None, "") else None, kept)


def _hn(fields: dict[str, Any]) -> Posted:
    # the first line is "Company | Role | Place | ..." by custom only; the text goes along whole
    headline = [part.strip() for part in fields["text"].split("\n", 1)[0].split("|")]
    return _posted(
        fields["id"],
        company=headline[0][:200] if len(headline) > 1 else None,
        title=headline[1][:200] if len(headline) > 1 else None,
        location=fields.get("location"),
        description=fields["text"],
        is_remote=bool(fields.get("remote_kw")),
        posted_at=fields["month"],
        url=fields.get("url"),
    )


def _linkedin(fields: dict[str, Any]) -> Posted:
    return _posted(
        None,
        title=fields["title"],
        company=fields["company"],
        location=fields["location"],
        description=fields["description"],
        employment_type=fields.get("employment_type"),
        seniority=fields["seniority"],
        industries=fields.get("industry"),
        functions=fields["functions"],
    )


def _superjob(fields: dict[str, Any]) -> Posted:
    parts = (fields["duties"], fields["requirements"], fields.get("conditions"))
    # the address ends in the posting's own number
    return _posted(
        fields["url"].rsplit("-", 1)[-1].removesuffix(".html"),
        title=fields["name"],
        location=fields.get("address"),
        description="\n\n".join(part for part in parts if part),
        salary=fields.get("salary"),
        employment_type=fields.get("employment"),
        categories=fields.get("categories"),
        experience=fields.get("experience"),
        url=fields["url"],
    )


def _adzuna(fields: dict[str, Any]) -> Posted:
    return _posted(
        fields["id"],
        title=fields["title"],
        company=fields.get("company"),
        location=fields.get("location"),
        description=fields["description"],
        salary_min=fields.get("salary_min"),
        salary_max=fields.get("salary_max"),
        salary_currency="GBP" if ".co.uk/" in fields["redirect_url"] and fields.get("salary_min") else None,
        salary_period="year" if fields.get("salary_min") else None,
        posted_at=fields["created"],
        url=fields["redirect_url"],
    )


def _usajobs(fields: dict[str, Any]) -> Posted:
    return _posted(
        fields["control_number"],
        title=fields["title"],
        company=fields.get("organization"),
        department=fields.get("department"),
        location=fields.get("location"),
        description=f"{fields['duties']}\n\n{fields['qualifications']}",
        salary_min=_number(fields.get("min_salary")),
        salary_max=_number(fields.get("max_salary")),
        salary_currency="USD",
        salary_period="year",
        posted_at=fields.get("open_date"),
        deadline=fields.get("close_date"),
        employment_type=fields.get("appointment_type"),
        telework=fields.get("telework"),
        url=fields.get("url"),
    )


def _usajobs_meta(fields: dict[str, Any]) -> Posted:
    return _posted(
        fields["control_number"],
        title=fields["position_title"],
        company=fields["agency"] or fields["department"],
        department=fields["department"],
        occupation_series=fields["series"],
        employment_type=fields["appointment_type"],
        posted_at=fields["open_date"],
        deadline=fields["close_date"],
    )


def _greenhouse(fields: dict[str, Any]) -> Posted:
    return _posted(
        fields["id"],
        title=fields["title"],
        company=fields.get("company_name"),
        location=(fields.get("location") or {}).get("name"),
        description=fields["content"],  # HTML, escaped once more
        departments=[department["name"] for department in fields.get("departments") or ()],
        posted_at=fields.get("first_published") or fields.get("updated_at"),
        deadline=fields.get("application_deadline"),
        url=fields["absolute_url"],
    )


def _lever(fields: dict[str, Any]) -> Posted:
    categories, pay = fields["categories"], fields.get("salaryRange") or {}
    sections = [f"<h3>{part['text']}</h3><ul>{part['content']}</ul>" for part in fields.get("lists") or ()]
    texts = (fields.get("description"), *sections, fields.get("additional"))
    return _posted(
        fields["id"],
        title=fields["text"],
        company=fields["hostedUrl"].split("/")[3],
        location="; ".join(categories.get("allLocations") or ()) or categories.get("location"),
        country=fields.get("country"),
        description="\n".join(text for text in texts if text),
        is_remote=fields["workplaceType"] == "remote" if fields.get("workplaceType") else None,
        salary_min=pay.get("min"),
        salary_max=pay.get("max"),
        salary_currency=pay.get("currency"),
        salary_period=_LEVER_PERIODS.get(pay.get("interval", "")),
        employment_type=categories.get("commitment"),
        posted_at=datetime.fromtimestamp(fields["createdAt"] / 1000, UTC).isoformat(),
        url=fields["hostedUrl"],
    )


def _ashby(fields: dict[str, Any]) -> Posted:
    places = [
        fields.get("location"),
        *(other["location"] for other in fields.get("secondaryLocations") or ()),
    ]
    return _posted(
        fields["id"],
        title=fields["title"],
        company=fields["jobUrl"].split("/")[3],
        location="; ".join(place for place in places if place),
        description=fields["descriptionHtml"],
        is_remote=fields.get("isRemote"),
        salary=(fields.get("compensation") or {}).get("compensationTierSummary"),
        employment_type=fields.get("employmentType"),
        posted_at=fields.get("publishedAt"),
        url=fields["jobUrl"],
    )


def _number(text: object) -> float | None:
    return float(str(text)) if text not in (None, "") else None


_LEVER_PERIODS = {
    "per-year-salary": "year",
    "per-month-salary": "month",
    "per-day-wage": "day",
    "per-hour-wage": "hour",
}

_SIGNATURES: dict[str, frozenset[str]] = {
    EVENT: frozenset({"event_id", "payload"}),
    "hn": frozenset({"id", "month", "text"}),
    "superjob": frozenset({"name", "duties", "requirements", "url"}),
    "adzuna": frozenset({"redirect_url", "created", "description"}),
    "usajobs": frozenset({"control_number", "duties", "qualifications"}),
    "usajobs_meta": frozenset({"control_number", "position_title"}),
    "greenhouse": frozenset({"absolute_url", "content"}),
    "lever": frozenset({"hostedUrl", "categories"}),
    "ashby": frozenset({"jobUrl", "descriptionHtml"}),
    "linkedin": frozenset({"title", "company", "seniority", "functions"}),
}

ADAPTERS: dict[str, Callable[[dict[str, Any]], Posted]] = {
    "hn": _hn,
    "linkedin": _linkedin,
    "superjob": _superjob,
    "adzuna": _adzuna,
    "usajobs": _usajobs,
    "usajobs_meta": _usajobs_meta,
    "greenhouse": _greenhouse,
    "lever": _lever,
    "ashby": _ashby,
}

FORMATS = ("auto", *ADAPTERS, EVENT)
