"""What is drawn, and what is said of a body that was read again."""

import orjson

from talentpulse.audit.samples import EPOCHS_DRAWN, _difference, _draw
from talentpulse.audit.subject import EARLIEST
from talentpulse.domain.reader import read_posting

BODY = orjson.dumps({"event_id": "e", "payload": {"title": "Python engineer", "location": "London, UK"}})


def row(body, **changes):
    header = read_posting(body, 0)._asdict() | {"event_at": EARLIEST} | changes
    names = ("fault", "event_id", "event_at", "event_at_source", "source", "schema_version", "regions", "skills")
    return (2, 17, 5, EARLIEST, body, *(header[name] for name in names))


def test_few_epochs_are_all_drawn_and_of_many_the_same_by_the_same_seed():
    assert set(_draw([(4, 10), (5, 1)], 1)) == {4, 5}
    many = [(epoch, 1) for epoch in range(100)]
    assert len(_draw(many, 1)) == EPOCHS_DRAWN
    assert _draw(many, 1) == _draw(many, 1) != _draw(many, 2)


def test_a_header_that_the_body_gives_is_right_also_of_a_faulty_record():
    assert _difference(*row(BODY)) == ""
    assert _difference(*row(b"{")) == ""
    assert _difference(*row(None)) == ""


def test_a_wrong_header_is_named_by_place_and_column_without_its_values():
    said = _difference(*row(BODY, regions=["FR"], skills=[]))
    assert said == "partition 2, offset 17, epoch 5: the body says something else for regions, skills"
