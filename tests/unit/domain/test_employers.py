"""Employers: names without legal form, keys in which the spellings of one employer meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain.employers import read_employer
from tests.unit.domain.cost import cheaper_of_two

SPELLINGS = [
    (
        "Loaf",
        "LOAF",
        "loaf",
        "Loaf Inc",
        "Loaf, Inc.",
        "Loaf Incorporated",
        "Loaf\n3.8",
        "Loaf 4.1 ★",
        "Loaf (YC S14)",
        "The Loaf",
    ),
    (
        "Brotwerk",
        "Brotwerk GmbH",
        "Brotwerk GmbH & Co. KG",
        "Brotwerk AG",
        "Brotwerk gGmbH",
        "Brotwerk UG (haftungsbeschränkt)",
    ),
    (
        "Pain Doré",
        "Pain Dore",
        "Pain Doré S.A.",
        "Pain Doré S. A.",
        "Pain Doré SARL",
        "Pain Doré S.A.S.",
        "PAIN DORÉ SAS",
    ),
    ("Piekarnia Żytnia", "Piekarnia Zytnia Sp. z o.o.", "Piekarnia Żytnia sp.k.", "Piekarnia Żytnia S.A."),
    (
        "Crumb & Crust",
        "Crumb and Crust",
        "Crumb + Crust Ltd.",
        "Crumb & Crust Limited",
        "Crumb & Crust PLC",
        "Crumb & Crust, LLP",
    ),
    (
        "Crumb",
        "Crumb & Co.",
        "Crumb and Company",
        "The Crumb Company",
        "Crumb Co., Ltd.",
        "Crumb Corp",
        "Crumb Corporation",
    ),
    ("Ромашка", "ООО «Ромашка»", "Ромашка, ООО", 'ЗАО "Ромашка"', "АО Ромашка", "РОМАШКА ПАО"),
    ("Wattle Bakery", "Wattle Bakery Pty Ltd", "Wattle Bakery Pty. Ltd.", "Wattle Bakery Proprietary Limited"),
    ("Panya", "Panya K.K.", "Panya KK", "Panya Kabushiki Kaisha"),
    ("パン屋", "株式会社パン屋", "パン屋株式会社", "(株)パン屋"),
    ("Pan y Sal", "Pan & Sal S.L.", "Pan y Sal, S.L.U.", "PAN Y SAL S.A. de C.V."),
    ("Forno Rosso", "Forno Rosso S.p.A.", "Forno Rosso S.r.l.", "Forno Rosso SRL"),
    ("Bakkerij Bol", "Bakkerij Bol B.V.", "Bakkerij Bol BV", "Bakkerij Bol N.V."),
    ("Brødhuset", "Brodhuset", "Brødhuset A/S", "Brødhuset ApS", "Brødhuset AS", "Brødhuset ASA"),
    ("Leipomo", "Leipomo Oy", "Leipomo Oyj", "Leipomo Ab"),
    ("Pekárna", "Pekárna s.r.o.", "Pekárna a.s.", "Pekarna spol. s r.o."),
    ("Fırın", "Firin A.Ş.", "Fırın Ltd. Şti."),
    ("Roti", "Roti Sdn Bhd", "Roti Sdn. Bhd.", "Roti Pte. Ltd.", "Roti Pvt Ltd", "Roti Private Limited"),
    ("Rye.com", "Rye", "Rye.com, Inc."),
    ("Baker's Dozen", "Bakers Dozen", "Baker’s Dozen LLC", "Baker's Dozen (bakersdozen.com)"),
    ("Sour-Dough", "Sour Dough", "SourDough L.L.C."),
    ("Bread & Butter Bank", "Bread & Butter Bank, N.A.", "BREAD AND BUTTER BANK (BBB)"),
    ("Old Mill", "Old Mill Holdings Inc. dba Old Mill", "Old Mill (formerly New Mill)", "Old Mill | ", '"Old Mill"'),
]
DIFFERENT = [
    *(
        "Loaf",
        "Loaf Bank",
        "Loaf UK",
        "Loafer",
        "Brotwerk",
        "Brotwerk Nord",
        "SAS",
        "SAS Ovens",
        "Code for SF",
        "Deutsche Backwaren",
    ),
    *(
        "Deutsche Brotwaren",
        "Bank of Bread",
        "Bread Bank",
        "3M",
        "A B",
        "B",
        "Group Bread",
        "Bread Group",
        "Rye",
        "Rye Plus",
        "Rye 4.0",
    ),
    *(
        "Ромашка",
        "Ромашка Плюс",
        "パン屋",
        "ケーキ屋",
        "E.ON Brot",
        "Canal",
        "Canal+",
        "Pan",
        "Pan & Sal",
        "Crumb",
        "Crumbs",
    ),
]
NAMES = {
    "Loaf, Inc.": "Loaf",
    "The Crumb Company": "The Crumb Company",
    "LOAF GmbH": "LOAF",
    "  Pain   Doré S.A. ": "Pain Doré",
    "Loaf\n3.8": "Loaf",
    "One Oven (YC W21)": "One Oven",
    "ООО «Ромашка»": "Ромашка",
    "Sour-Dough AB (publ)": "Sour-Dough",
    "SAS": "SAS",
    "Loaf (A subsidiary of Bread Corp)": "Loaf",
    "Bread 4.0": "Bread 4.0",
}


def test_there_are_forty_employers() -> None:
    assert sum(map(len, SPELLINGS)) + len(DIFFERENT) >= 40


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings[0])
def test_spellings_of_one_employer_meet(spellings: tuple[str, ...]) -> None:
    keys = {spelling: getattr(read_employer(spelling), "key", None) for spelling in spellings}
    assert len(set(keys.values())) == 1, keys


def test_different_employers_do_not_meet() -> None:
    keys = [getattr(read_employer(name), "key", None) for name in DIFFERENT]
    assert None not in keys
    assert len(set(keys)) == len(DIFFERENT)


@pytest.mark.parametrize(("raw", "name"), NAMES.items())
def test_the_name_keeps_its_case_and_loses_its_decoration(raw: str, name: str) -> None:
    employer = read_employer(raw)
    assert employer is not None
    assert employer.name == name


def test_a_key_is_letters_and_digits_folded() -> None:
    employer = read_employer("Crème & Brûlée 24, S.à r.l.")
    assert employer is not None
    assert employer.key == "cremeandbrulee24"


@pytest.mark.parametrize(
    "raw", [None, 7, b"Loaf", ["Loaf"], "", " ", "-", "N/A", "None", "Confidential", "Company Confidential", "!!!"]
)
def test_who_is_not_named_is_nobody(raw: object) -> None:
    assert read_employer(raw) is None


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            " ",
            "GmbH ",
            "GmbH & Co. KG ",
            "& ",
            "Ltd. ",
            ".",
            "(",
            ")",
            "(YC ",
            "\n3.8",
            "3.8 ",
            "S. A. ",
            "株式会社",
            "ООО ",
        ),
        *("\x00", "\ud800", "İ", "ß", "d/b/a ", "The ", "-", "«", "a\u0301", "ﷺ"),
    ],
)
def test_hostile_names_are_cheap(unit: str) -> None:
    hostile = (unit * 20_000)[:20_000]
    read_employer("Loaf")  # the words are loaded
    assert cheaper_of_two(lambda: read_employer(hostile)) < 0.05


WORDS = st.sampled_from(
    ("Loaf", "GmbH", "& Co.", "KG", "The", "Ltd", "(YC S14)", "\n3.8", "ООО", "İ", "ß", "dba", "S. A.", "\ud800", "")
)


@given(st.text(max_size=60) | st.lists(WORDS, max_size=8).map(" ".join))
def test_any_text_is_an_employer_or_nobody(raw: str) -> None:
    employer = read_employer(raw)
    if employer:
        assert employer.name.strip()
        assert employer.key == employer.key.casefold()
        assert employer.key.isalnum()
