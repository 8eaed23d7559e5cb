"""The guess of a text's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.languages import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("You will build data pipelines with our platform team.", "en"),
        ("Sie entwickeln gemeinsam mit dem Team unsere Plattform weiter.", "de"),
        ("Vous développez avec notre équipe une plateforme de données.", "fr"),
        ("Buscamos una persona con experiencia en análisis de datos.", "es"),
        ("Мы ищем инженера данных в нашу команду.", "ru"),
        ("我们正在招聘数据工程师，负责数据平台的开发。", "zh"),
        ("Vi søger en udvikler til vores kontor i København.", "da"),
    ],
)
def test_a_sentence_tells_its_language(text, language):
    assert guess_language(text) == language


@pytest.mark.parametrize("text", ["", "  ", "12345 !!!", "Python, Java, SQL, AWS, Docker", "PhD", "\x00", "\ud800"])
def test_what_is_no_sentence_has_no_language(text):
    assert guess_language(text) is None


def test_only_the_beginning_of_a_text_is_looked_at():
    beginning = "You will build data pipelines with our platform team. " * 6
    assert guess_language(beginning + "Мы ищем инженера данных в нашу команду. " * 100) == "en"


@given(st.text(max_size=400))
def test_any_text_is_answered(text):
    assert guess_language(text) == guess_language(text)
