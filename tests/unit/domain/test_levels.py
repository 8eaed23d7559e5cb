"""Levels: words of rank in titles, years that are required, what a text states of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.levels import level_words, read_level
from tests.unit.domain.cost import cheaper_of_two

ENGLISH = {
    "Data Science Intern": "intern",
    "Software Engineering Co-op": "intern",
    "Apprentice Electrician": "intern",
    "Intern, Office of the CEO": "intern",
    "Junior Copywriter": "junior",
    "Jr. Python Developer": "junior",
    "Graduate Civil Engineer": "junior",
    "Entry-Level Accountant": "junior",
    "Trainee Store Manager": "junior",
    "Mid-level Backend Developer": "mid",
    "Intermediate Draughtsman": "mid",
    "Senior Bookkeeper": "senior",
    "Sr. QA Engineer": "senior",
    "Senior Product Manager": "senior",
    "Lead Dentist": "lead",
    "Data Platform Lead": "lead",
    "Warehouse Shift Leader": "lead",
    "Housekeeping Supervisor": "lead",
    "Staff Software Engineer": "staff",
    "Product Designer (Staff)": "staff",
    "Senior Staff Data Scientist": "staff",
    "Principal Consultant": "principal",
    "Hardware Engineer, Principal": "principal",
    "Engineering Manager": "manager",
    "Store Manager": "manager",
    "Senior Manager, Payroll": "manager",
    "Director of Nursing": "director",
    "Head of Brewing": "director",
    "Senior Director, Procurement": "director",
    "VP of Marketing": "executive",
    "Chief People and Culture Officer": "executive",
    "Managing Director": "executive",
    "Co-Founder": "executive",
}
GERMAN = {
    "Praktikant Vertrieb (m/w/d)": "intern",
    "Werkstudentin Controlling": "intern",
    "Ausbildung zum Koch": "intern",
    "Auszubildender Mechatroniker": "intern",
    "Duales Studium Informatik": "intern",
    "Masterarbeit Batterietechnik": "intern",
    "Junior Einkäufer": "junior",
    "Berufseinsteiger Steuerberatung": "junior",
    "Trainee Personalwesen": "junior",
    "Absolvent Maschinenbau": "junior",
    "Senior Entwickler Embedded": "senior",
    "Sr. Anwendungsberater": "senior",
    "Teamleiter Kundenservice": "lead",
    "Gruppenleiterin Montage": "lead",
    "Schichtleiter Lager": "lead",
    "Vorarbeiter Tiefbau": "lead",
    "Abteilungsleiter Finanzen": "manager",
    "Filialleiterin Bäckerei": "manager",
    "Leiter Controlling": "manager",
    "Vertriebsleitung Süd": "manager",
    "Direktorin Museum": "director",
    "Geschäftsführer Pflegedienst": "executive",
    "Vorstand Finanzen": "executive",
}
FRENCH = {
    "Stage - Communication": "intern",
    "Stagiaire en comptabilité": "intern",
    "Alternance Développeur Web": "intern",
    "Apprenti Boulanger": "intern",
    "Apprentie Coiffeuse": "intern",
    "Chargé de recrutement junior": "junior",
    "Comptable débutant": "junior",
    "Ingénieur jeune diplômé": "junior",
    "Développeur confirmé": "mid",
    "Consultante confirmée": "mid",
    "Acheteur Sénior": "senior",
    "Juriste senior": "senior",
    "Chef d'équipe logistique": "lead",
    "Responsable d’équipe maintenance": "lead",
    "Lead développeur": "lead",
    "Responsable marketing": "manager",
    "Chef de rayon fruits et légumes": "manager",
    "Directeur de magasin": "manager",
    "Gérante de boutique": "manager",
    "Directeur des achats": "director",
    "Directrice financière": "director",
    "Directeur général": "executive",
    "PDG": "executive",
}
SPANISH = {
    "Becario de laboratorio": "intern",
    "Becaria de prensa": "intern",
    "Prácticas en recursos humanos": "intern",
    "Aprendiz de soldador": "intern",
    "Pasante de arquitectura": "intern",
    "Analista júnior": "junior",
    "Contador recién titulado": "junior",
    "Programador Jr": "junior",
    "Vendedor sin experiencia": "junior",
    "Analista semi senior": "mid",
    "Desarrollador SSR": "mid",
    "Consultor sénior": "senior",
    "Auditora Senior": "senior",
    "Líder de equipo": "lead",
    "Jefe de turno": "lead",
    "Líder técnico": "lead",
    "Gerente de ventas": "manager",
    "Jefa de enfermería": "manager",
    "Encargado de tienda": "manager",
    "Responsable de logística": "manager",
    "Director comercial": "director",
    "Directora de operaciones": "director",
    "Director general": "executive",
    "Consejero delegado": "executive",
}
RUSSIAN = {
    "Стажёр отдела закупок": "intern",
    "Стажировка в банке": "intern",
    "Практикант лаборатории": "intern",
    "Ученик токаря": "intern",
    "Младший аналитик": "junior",
    "Младшая медсестра": "junior",
    "Начинающий дизайнер": "junior",
    "Кассир без опыта": "junior",
    "Middle разработчик": "mid",
    "Старший кладовщик": "senior",
    "Старшая медсестра": "senior",
    "Senior разработчик": "senior",
    "Ведущий инженер": "lead",
    "Ведущая экономист": "lead",
    "Бригадир монтажников": "lead",
    "Тимлид": "lead",
    "Руководитель группы": "lead",
    "Главный технолог": "principal",
    "Начальник отдела кадров": "manager",
    "Заведующий складом": "manager",
    "Управляющий рестораном": "manager",
    "Руководитель отдела логистики": "manager",
    "Директор по персоналу": "director",
    "Генеральный директор": "executive",
    "Финансовый директор": "executive",
}
OTHERS = {
    "Stagista amministrazione": "intern",
    "Responsabile acquisti": "manager",
    "Capo turno": "lead",
    "Stagiair communicatie": "intern",
    "Medior ontwikkelaar": "mid",
    "Teamleider magazijn": "lead",
    "Młodszy księgowy": "junior",
    "Starszy programista": "senior",
    "Kierownik sklepu": "manager",
    "Prezes zarządu": "executive",
    "Estagiário de direito": "intern",
    "Analista pleno": "mid",
}
TITLES = ENGLISH | GERMAN | FRENCH | SPANISH | RUSSIAN | OTHERS

NO_LEVEL = [
    *("Data Analyst", "Baker", "", "Associate", "Associate Consultant", "Administrative Assistant", "Data Analyst II"),
    *(
        "Account Executive",
        "Sales Executive",
        "Executive Assistant",
        "Executive Chef",
        "Executive Assistant to the CEO",
    ),
    *("Assistant to the VP of Sales", "PA to Managing Director", "Reporting to the Director", "CTO Office Analyst"),
    *("Lead Generation Specialist", "Lead the kitchen team", "Lead Paint Inspector", "Inbound Lead Specialist"),
    *(
        "Senior Living Nurse",
        "Senior Care Assistant",
        "Caregiver for Seniors",
        "Junior High Teacher",
        "Junior School Cook",
    ),
    *("Staff Nurse", "Staff Accountant", "Bar Staff", "Chief of Staff", "Middle School Teacher", "Middle East Analyst"),
    *(
        "School Principal",
        "Assistant Principal",
        "Principal Investigator",
        "Principal",
        "Internal Auditor",
        "Internist",
    ),
    *(
        "Product Manager",
        "Project Manager",
        "Key Account Manager",
        "Case Manager",
        "Community Manager",
        "Office Manager",
    ),
    *("Funeral Director", "Art Director", "Director of Photography", "Assistant Vice President", "AVP Credit Risk"),
    *("Intern Program Coordinator", "Graduate School Advisor", "Mid-Market Sales Rep", "Stage Technician"),
    *("Projektleiter Hochbau", "Bauleiter", "Halbleitertechniker", "Assistenz der Geschäftsführung", "Produktmanager"),
    *("Chef de projet", "Chef de cuisine", "Assistante de direction", "Jefe de proyecto", "Buenas prácticas"),
    *("Менеджер по продажам", "Ведущий мероприятий", "Секретарь руководителя", "Помощник директора", "Арт-директор"),
    *("Junior/Senior Developer", "Mid to Senior Engineer", "Senior Manager / Director"),
]


def test_titles_of_five_languages_are_read_right() -> None:
    for language in (ENGLISH, GERMAN, FRENCH, SPANISH, RUSSIAN):
        assert len(language) >= 20
    answered = {title: level for title in TITLES if (level := read_level(title).level) != "unknown"}
    wrong = {title: level for title, level in answered.items() if TITLES[title] != level}
    assert len(TITLES) - len(answered) <= len(TITLES) * 0.05
    assert len(wrong) <= len(answered) * 0.05, wrong


@pytest.mark.parametrize(("title", "level"), TITLES.items())
def test_the_words_of_the_title_are_the_evidence(title: str, level: str) -> None:
    found = read_level(title)
    assert (found.level, found.evidence_kind) == (level, "title")
    assert found.evidence
    assert found.evidence in title


@pytest.mark.parametrize("title", NO_LEVEL)
def test_a_word_in_another_sense_is_no_level(title: str) -> None:
    assert read_level(title) == ("unknown", None, "")


@pytest.mark.parametrize(
    ("text", "level", "evidence"),
    [
        ("You bring 5+ years of experience in baking.", "senior", "5+ years of experience"),
        ("At least two (2) years' experience required", "mid", "two (2) years' experience"),
        ("3-5 years of relevant experience", "mid", "3-5 years of relevant experience"),
        ("0-1 years of experience", "junior", "0-1 years of experience"),
        ("Experience: 4 years", "mid", "4 years"),
        ("2+ years of experience with ovens and 6+ years of experience overall", "senior", "6+ years of experience"),
        ("mind. 3 Jahre Berufserfahrung", "mid", "3 Jahre Berufserfahrung"),
        ("Justifiez de 7 ans d'expérience", "senior", "7 ans d'expérience"),
        ("mínimo 2 años de experiencia", "mid", "2 años de experiencia"),
        ("Опыт работы от 1 года", "junior", "1 года"),
        ("опыт от 3 лет", "mid", "3 лет"),
        ("almeno 3 anni di esperienza", "mid", "3 anni di esperienza"),
        ("min. 6 lat doświadczenia", "senior", "6 lat doświadczenia"),
    ],
)
def test_required_years_are_a_level(text: str, level: str, evidence: str) -> None:
    assert read_level("Baker", text) == (level, "years", evidence)


@pytest.mark.parametrize(
    "text",
    [
        "We have 10 years of experience in bread.",
        "Our company has more than 12 years of experience.",
        "With over 5 years of experience, Loaf is a leader.",
        "30 years of experience",
        "5 years of experience preferred",
        "You are at least 18 years old.",
        "In the last 3 years we grew.",
        "a 2 year contract",
        "You will report to the VP of Baking and work with senior directors.",
        "We support your career at every level.",
        "experience with our internship program",
    ],
)
def test_other_years_and_other_peoples_ranks_say_nothing(text: str) -> None:
    assert read_level(None, text).level == "unknown"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("This is an entry-level position.", "junior"),
        ("Seniority level: Director", "director"),
        ("a senior-level engineering role", "senior"),
        ("This paid internship lasts a summer.", "intern"),
        ("No experience necessary!", "junior"),
        ("Karrierestufe: Berufseinsteiger", "junior"),
    ],
)
def test_a_text_may_state_its_level(text: str, level: str) -> None:
    found = read_level("Baker", text)
    assert (found.level, found.evidence_kind) == (level, "text")
    assert found.evidence in text


def test_the_title_decides_before_years_and_years_before_what_is_stated() -> None:
    text = "This is an entry-level position. 5+ years of experience."
    assert read_level("Lead Baker", text).level == "lead"
    assert read_level("Baker", text).level == "senior"


def test_grades_are_words_of_level_that_say_none() -> None:
    assert [word.level for word in level_words("Analyst III, Level 2")] == [None, None]


@pytest.mark.parametrize("value", [None, 7, b"Senior", ["Senior"], {}, float("nan")])
def test_what_is_no_text_is_unknown(value: object) -> None:
    assert read_level(value, value).level == "unknown"


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "5 years ",
            "5+",
            "9",
            "year",
            "years",
            "1-",
            "(2) years ",
            "level",
            "senior level ",
            "internship ",
            "lead ",
            "staff ",
        ),
        *(
            "chief ",
            "chief a ",
            "senior-",
            "опыт 5 лет ",
            "лет",
            "at least ",
            "experience ",
            "no experience ",
            "\x00",
            "\ud800",
        ),
        *(
            "a",
            " ",
            "-",
            ".",
            "/",
            "(",
            "İ",
            "ß",
            "é",
            "of the ",
            "assistenz ",
            "assistentin ",
            "xleiter",
            "stage ",
            "principal ",
        ),
    ],
)
def test_hostile_text_is_cheap(unit: str) -> None:
    hostile = (unit * 20_000)[:20_000]
    read_level("Baker", "5 years")  # the words are loaded
    assert cheaper_of_two(lambda: (read_level(hostile, hostile), read_level(None, hostile))) < 0.05


WORDS = st.sampled_from(
    (
        "senior",
        "lead",
        "Staff",
        "5+",
        "years",
        "of",
        "experience",
        "İ",
        "ß",
        "level:",
        "Director",
        "chief",
        "officer",
        "/",
        "\ud800",
    )
)


@given(
    st.text(max_size=80) | st.lists(WORDS, max_size=12).map(" ".join),
    st.text(max_size=80) | st.lists(WORDS).map(" ".join),
)
def test_any_text_has_a_level_with_its_evidence(title: str, text: str) -> None:
    found = read_level(title, text)
    assert (found.level == "unknown") == (found.evidence_kind is None) == (found.evidence == "")
