"""Pay: amounts, currencies, periods and yearly values, and the many amounts that are no pay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talentpulse.domain import money
from talentpulse.domain.pay import MAX_EVIDENCE, Pay, find_pay, read_pay
from tests.unit.domain.cost import cheaper_of_two


def _read(field: object, country: str | None = None) -> tuple[object, ...] | None:
    pay = read_pay(field, country)
    return pay and (pay.low, pay.high, pay.currency, pay.period)


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [
        # thousands and decimals of many countries
        ("$72,500 - $91,000 a year", 72500, 91000, "USD", "year"),
        ("52.000 – 61.000 € brutto im Jahr", 52000, 61000, "EUR", "year"),
        ("38 000 € à 44 000 € par an", 38000, 44000, "EUR", "year"),
        ("38\u202f000 €/an", 38000, 38000, "EUR", "year"),
        ("38\u00a0000 EUR", 38000, 38000, "EUR", "year"),
        ("CHF 95'000 bis 110’000 pro Jahr", 95000, 110000, "CHF", "year"),
        ("₹9,50,000 - ₹14,00,000 per annum", 950000, 1400000, "INR", "year"),
        ("17,25 € pro Stunde", 17.25, 17.25, "EUR", "hour"),
        ("£13.45 p.h.", 13.45, 13.45, "GBP", "hour"),
        ("$21.50-$24/hr", 21.5, 24, "USD", "hour"),
        ("R$ 7.250,00 por mês", 7250, 7250, "BRL", "month"),
        ("45.000,- € p.a.", 45000, 45000, "EUR", "year"),
        ("$1,234,567.89 per year", 1234567.89, 1234567.89, "USD", "year"),
        ("５００万円", 5000000, 5000000, "JPY", "year"),
        # thousands named once, in many languages
        ("70-95k USD", 70000, 95000, "USD", "year"),
        ("$70-$95K", 70000, 95000, "USD", "year"),
        ("55k–68 EUR", 55000, 68000, "EUR", "year"),
        ("£45-55,000", 45000, 55000, "GBP", "year"),
        ("62 k€ brut annuel", 62000, 62000, "EUR", "year"),
        ("58 TEUR", 58000, 58000, "EUR", "year"),
        ("от 90 до 120 тыс. руб. в месяц", 90000, 120000, "RUB", "month"),
        ("45-60 тис. грн", 45000, 60000, "UAH", "month"),
        ("9-12 tys. zł brutto", 9000, 12000, "PLN", "month"),
        ("18-30万元/年", 180000, 300000, "CNY", "year"),
        ("年収450万円〜700万円", 4500000, 7000000, "JPY", "year"),
        ("연봉 4500만원", 45000000, 45000000, "KRW", "year"),
        ("14 LPA", 1400000, 1400000, "INR", "year"),
        ("INR 7.5 - 9 lakhs", 750000, 900000, "INR", "year"),
        ("6.5m - 9m JPY", 6500000, 9000000, "JPY", "year"),
        # open ends
        ("from £31,000", 31000, None, "GBP", "year"),
        ("ab 48.000 €", 48000, None, "EUR", "year"),
        ("à partir de 2 300 € par mois", 2300, None, "EUR", "month"),
        ("desde 28.000 € brutos anuales", 28000, None, "EUR", "year"),
        ("od 8000 zł/mies.", 8000, None, "PLN", "month"),
        ("від 40000 грн", 40000, None, "UAH", "month"),
        ("$85k+", 85000, None, "USD", "year"),
        ("$85,000 and up", 85000, None, "USD", "year"),
        ("up to $19/hour", None, 19, "USD", "hour"),
        ("bis zu 70.000 EUR", None, 70000, "EUR", "year"),
        ("jusqu'à 55k€", None, 55000, "EUR", "year"),
        ("до 180 000 ₽", None, 180000, "RUB", "month"),
        # what else stands in the field
        ("$85k+equity", 85000, 85000, "USD", "year"),
        ("Salary: $110k - $140k + 0.25% - 0.75% equity", 110000, 140000, "USD", "year"),
        ("0.5-1.5%, €70k", 70000, 70000, "EUR", "year"),
        ("€65k, 30 days of holiday, 4 day week", 65000, 65000, "EUR", "year"),
        ("Full time, 38.5 hours, €3,100 monthly", 3100, 3100, "EUR", "month"),
        ("$4,000 sign-on bonus | $31/hr", 31, 31, "USD", "hour"),
        ("$48/hr or $95k/yr", 48, 48, "USD", "hour"),
        ("Between 3000 and 3500 euros per month", 3000, 3500, "EUR", "month"),
        ("$600 per diem", 600, 600, "USD", "day"),
        ("£425 a day", 425, 425, "GBP", "day"),
        ("$1,900 weekly", 1900, 1900, "USD", "week"),
        ("Stundenlohn: 16,80 €", 16.8, 16.8, "EUR", "hour"),
        ("Tagessatz 640 EUR", 640, 640, "EUR", "day"),
        ("Annuel de 31000.0 Euros à 36000.0 Euros sur 12.0 mois", 31000, 36000, "EUR", "year"),
        ("42.000 SEK/mån", 42000, 42000, "SEK", "month"),
        ("CA$88,000", 88000, 88000, "CAD", "year"),
        ("$88,000/yr CAD", 88000, 88000, "CAD", "year"),
        ("Grade 11 $74,500 - $81,200", 74500, 81200, "USD", "year"),
        ("時給1,250円〜", 1250, None, "JPY", "hour"),
        ("Fr. 6'200.– pro Monat", 6200, 6200, "CHF", "month"),
        ("Rp 9.500.000", 9500000, 9500000, "IDR", "month"),
        ("HK$32,000", 32000, 32000, "HKD", "month"),
    ],
)
def test_a_field_is_read_as_it_states(text: str, low: float, high: float, currency: str, period: str) -> None:
    assert _read(text) == (low, high, currency, period)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "competitive",
        "DOE",
        "negotiable, 25 days of holiday",
        "0.2% - 0.8%",
        "401k",
        "401(k) match",
        "2024-11-30",
        "30.11.2024",
        "9:30 - 17:30",
        "+49 (30) 901820-44",
        "(212) 555-0187",
        "https://example.com/jobs/448120",
        "40 hours a week",
        "5 years",
        "2026",
        "€5,000 signing bonus",
        "$2B valuation",
        "ref H1B 4",
        "#48120",
    ],
)
def test_a_field_without_pay_has_none(text: str) -> None:
    assert read_pay(text) is None


@pytest.mark.parametrize(
    ("text", "country", "currency"),
    [
        ("$90k", None, "USD"),
        ("$90k", "AU", "AUD"),
        ("$90k", "ca", "CAD"),
        ("$90k", "DE", "USD"),
        ("$90k CAD", "US", "CAD"),
        ("32000 kr/mån", None, None),
        ("32000 kr/mån", "SE", "SEK"),
        ("32000 kr", "NO", "NOK"),
        ("¥300000", None, None),
        ("¥300000", "JP", "JPY"),
        ("¥30000元", None, "CNY"),
        ("20k-30k", None, None),
        ("20k-30k", "CN", "CNY"),
        ("45000", "FR", "EUR"),
        ("Rs 45000", None, None),
        ("Rs. 45000", "PK", "PKR"),
        ("$100k-£120k", None, None),
        ("90k", "XX", None),
        ("try 90k", None, None),
        ("90k TRY", None, "TRY"),
    ],
)
def test_a_currency_is_what_the_marks_have_in_common_or_the_country_s(
    text: str, country: str | None, currency: str | None
) -> None:
    pay = read_pay(text, country)
    assert pay is not None
    assert pay.currency == currency


@pytest.mark.parametrize(
    ("text", "country", "period", "rule"),
    [
        ("$95k", None, "year", "size"),
        ("$95k a year", None, "year", "stated"),
        ("$3,800", None, "month", "size"),
        ("$17.40", None, "hour", "size"),
        ("$60", None, None, None),  # as often sixty thousand
        ("$15k", None, None, None),
        ("$700 - 1100", None, None, None),
        ("$700 - 1100", "UA", "month", "custom"),
        ("$500 fixed", "UA", None, None),
        ("€400 per project", None, None, None),
        ("€2,000 bi-weekly", None, None, None),
        ("90k", None, None, None),
    ],
)
def test_a_period_is_stated_or_follows_from_the_size_or_is_unknown(
    text: str, country: str | None, period: str | None, rule: str | None
) -> None:
    pay = read_pay(text, country)
    assert pay is not None
    assert (pay.period, pay.rule) == (period, rule)


def test_a_year_is_in_dollars_by_the_table_of_rates() -> None:
    assert read_pay("€50,000 a year") == Pay(50000, 50000, "EUR", "year", 51945.0, 51945.0, "€50,000 a year", "stated")
    hourly = read_pay("£20-25/hr")
    assert hourly is not None
    assert hourly.yearly_low == pytest.approx(20 * 2080 * 1.0389 / 0.82918, abs=0.01)
    assert hourly.yearly_high == pytest.approx(25 * 2080 * 1.0389 / 0.82918, abs=0.01)
    roubles = read_pay("101679.70 RUB per month")
    assert roubles is not None
    assert roubles.yearly_low == 12000.0


@pytest.mark.parametrize(
    ("text", "payments"),
    [
        ("€2,000 per month", 12),
        ("Mensuel de 2000 Euros sur 13 mois", 13),
        ("2.000 € monatlich, 14 Monatsgehälter", 14),
        ("2.000 €/mes x 14", 14),
        ("2.000 € brutto/Monat (14x)", 14),
        ("€2,000 per month plus 13th month", 13),
        ("2000 € par mois sur 6 mois", 12),
    ],
)
def test_a_year_has_as_many_monthly_payments_as_are_stated(text: str, payments: int) -> None:
    pay = read_pay(text)
    assert pay is not None
    assert (pay.low, pay.yearly_low) == (2000, pytest.approx(2000 * payments * 1.0389, abs=0.01))


@pytest.mark.parametrize(
    "text", ["1 RUB monthly", "€60,000 per hour", "€1 - €60,000 per year", "60k", "80,000 ETB monthly"]
)
def test_no_yearly_value_without_rate_currency_or_sense(text: str) -> None:
    pay = read_pay(text)
    assert pay is not None
    assert (pay.yearly_low, pay.yearly_high) == (None, None)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            {"min": 150000, "max": 180000, "currency": "USD", "interval": "per-year-salary"},
            (150000, 180000, "USD", "year"),
        ),
        ({"minValue": 21.5, "maxValue": 24, "currencyCode": "CAD", "interval": "1 HOUR"}, (21.5, 24, "CAD", "hour")),
        (
            {"currency": "EUR", "value": {"minValue": 3000, "maxValue": 3600, "unitText": "MONTH"}},
            (3000, 3600, "EUR", "month"),
        ),
        ({"currency": "GBP", "value": 480, "unitText": "DAY"}, (480, 480, "GBP", "day")),
        ({"from": 120000, "to": None, "currency": "RUR"}, (120000, None, "RUB", "month")),
        ({"min_salary": "61,000", "max_salary": "79,000.00"}, (61000, 79000, "USD", "year")),
        ({"salary_min": 70000.0, "salary_max": 50000, "salary_currency": "gbp"}, (50000, 70000, "GBP", "year")),
        ({"MinimumRange": "49960", "MaximumRange": "99314", "RateIntervalCode": "PA"}, (49960, 99314, "USD", "year")),
        ({"min_cents": 9500000, "max_cents": 12000000, "currency_type": "EUR"}, (95000, 120000, "EUR", "year")),
        ([{"min": 0}, {"min": 9000, "currency": "PLN"}], (9000, None, "PLN", "month")),
        (64000, (64000, 64000, "USD", "year")),
        (18.75, (18.75, 18.75, "USD", "hour")),
    ],
)
def test_objects_and_numbers_are_read_by_their_keys(field: object, expected: tuple[object, ...]) -> None:
    assert _read(field, "US") == expected


@pytest.mark.parametrize(
    "field",
    [
        None,
        True,
        float("nan"),
        float("inf"),
        -5,
        0,
        10**400,
        {},
        [],
        {"min": None},
        {"min": True},
        {"value": {"value": {}}},
        {1: 2},
        {10**5000: 10**5000},
        [[[]]],
        b"$50k",
        object(),
        {"min": "n/a", "max": float("nan")},
    ],
)
def test_what_states_no_pay_has_none(field: object) -> None:
    assert read_pay(field) is None
    assert find_pay(field) is None


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [
        ("We offer a salary of $95,000 - $120,000 plus bonus.", 95000, 120000, "USD", "year"),
        ("Join us.\nCompensation:\n$95,000 to $120,000\nBenefits: dental", 95000, 120000, "USD", "year"),
        ("Acme | Backend Engineer | Berlin | €60k-75k + equity | REMOTE", 60000, 75000, "EUR", "year"),
        ("Wir zahlen ein Jahresgehalt von 52.000 € bis 60.000 €.", 52000, 60000, "EUR", "year"),
        ("Ihr Gehalt: ab 3.400 € brutto im Monat", 3400, None, "EUR", "month"),
        ("Rémunération : 38 à 45 k€ brut annuel selon profil.", 38000, 45000, "EUR", "year"),
        ("Salario bruto de 30.000 a 36.000 € anuales", 30000, 36000, "EUR", "year"),
        ("Wynagrodzenie: 12 000 - 16 000 zł netto miesięcznie", 12000, 16000, "PLN", "month"),
        ("Зарплата от 80 000 до 110 000 руб. на руки", 80000, 110000, "RUB", "month"),
        ("Oklad. Оклад 60 тыс. рублей в месяц", 60000, 60000, "RUB", "month"),
        ("The pay is $22.50 per hour. You raised $3 million last year.", 22.5, 22.5, "USD", "hour"),
        ("We raised $14M. The base salary is $130,000.", 130000, 130000, "USD", "year"),
        ("Contract role, £520 per day outside IR35", 520, 520, "GBP", "day"),
        ("Data Engineer - £55,000-£65,000 - Leeds", 55000, 65000, "GBP", "year"),
        ("Lead Engineer London £85,000 + benefits", 85000, 85000, "GBP", "year"),
        ("You will get up to $180k base and 25 days off", None, 180000, "USD", "year"),
        ("needs SQLSalary $88,000 per yearLocation Austin", 88000, 88000, "USD", "year"),
        ("paid maternity leave, $30-$34/hourDuties include filing", 30, 34, "USD", "hour"),
    ],
)
def test_an_ad_states_its_pay(text: str, low: float, high: float, currency: str, period: str) -> None:
    pay = find_pay(text)
    assert pay is not None
    assert (pay.low, pay.high, pay.currency, pay.period) == (low, high, currency, period)
    assert find_pay("About us. " * 50 + text + " Apply now." * 50) is not None


@pytest.mark.parametrize(
    "text",
    [
        "We raised $20 million from investors.",
        "Our Series B of $45M closed in May.",
        "We just raised $900k and pay well.",
        "a $5,000 signing bonus after 90 days",
        "Salary negotiable, sign-on bonus of up to $20,000",
        "relocation package of $8,000",
        "Refer a friend and earn a referral bonus of $1,500 per hire",
        "annual learning budget of €2,000 per year",
        "a stipend of $150 per month for your gym",
        "up to $5,250 per year in tuition reimbursement",
        "401k with a 4% match",
        "401(k) up to $6,000 a year",
        "manage a portfolio of $750 billion of assets",
        "revenue of $120,000 per employee",
        "We grew to over $1.1M in annual run rate",
        "we process $30,000 a minute for 40k customers",
        "saves our customers $80,000 per year",
        "plans start at a price of $99 per month",
        "customers spend $200k on one purchase",
        "the kind of problem that companies pay $100k+ to solve",
        "a $150B market",
        "sales of EUR 12.8 billion in 2017",
        "more than 25,000 employees in 40 countries",
        "200k+ authors and 100K requests per second",
        "3 - 5 years of experience, 18 years or older",
        "lift up to 50 pounds",
        "Call +1 (415) 555-0142 or 020 7946 0958",
        "open since 12/04/2021, apply by 2022-01-31",
        "100% remote, 20% travel, 0.5% - 1.5% equity",
        "5% of $100,000 in stock options",
        "equity worth $60,000 over four years",
        "$2,000 - $4,000 in prizes at our hackathon",
        "life insurance coverage of $50,000",
        "houses that go for $100,000 to $400,000",
        "Umsatz von 80.000 € im Jahr",
        "eine Prämie von 1.500 € pro Jahr",
        "levée de fonds de 12 M€ en 2023",
        "prime annuelle de 2 000 €",
        "премия 30 000 рублей в месяц",
        "инвестиции 50 млн рублей в год",
        "注册资本5000万元",
        "Room 4500, Building 12, Floor 3",
        "version 3.2.1 released in 2023",
        "a team of 12 with a salary band",
        "salary: competitive",
    ],
)
def test_an_amount_that_is_no_pay_is_not_found(text: str) -> None:
    assert find_pay(text) is None
    assert find_pay(text, "US") is None


def test_evidence_is_a_piece_of_the_text() -> None:
    pay = find_pay("About us. The base salary range for this role is $120,000 - $150,000 per year. Apply.")
    assert pay is not None
    assert pay.evidence == "salary range for this role is $120,000 - $150,000 per year"
    assert pay.rule == "stated"


_PIECES = [
    "$",
    "€",
    "k",
    "К",
    "万",
    "1",
    "9",
    "0",
    "000",
    ".",
    ",",
    "'",
    " ",
    "-",
    "–",
    " to ",
    "%",
    "+",
    "/hr",
    " per year",
]
_PIECES += ["salary", "bonus", "от ", "\n", "|", "(", "\x00", "\ud800", "İ", "ß", "USD", "kr", "x 13", "401k", "年"]


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(_PIECES), max_size=20).map("".join), st.none() | st.text(max_size=3)
)
def test_any_text_is_read_without_error(text: str, country: str | None) -> None:
    for pay in (read_pay(text, country), find_pay(text, country)):
        if pay is None:
            continue
        assert pay.low is not None or pay.high is not None
        assert pay.low is None or pay.high is None or 0 <= pay.low <= pay.high
        assert len(pay.evidence) <= MAX_EVIDENCE
        assert (pay.period is None) == (pay.rule is None)
        if pay.period is None or pay.currency is None:
            assert (pay.yearly_low, pay.yearly_high) == (None, None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["min", "max", "value", "currency", "interval", "unitText", "x"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(_JSON)
def test_any_object_is_read_without_error(field: object) -> None:
    read_pay(field, "US")


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1 ",
        "1,",
        "1.",
        "1'",
        "1-",
        "1%",
        "$",
        "$1",
        "$1 ",
        "1k ",
        "1k-",
        "000 ",
        "1 000 ",
        "10 000 000 ",
        "- ",
        "+",
        "(",
        "((1",
        "12:",
        "1/1/",
        "salary ",
        "salary $50k ",
        "$50k bonus ",
        "per ",
        "per hour ",
        "$5/hr ",
        "up to ",
        "from 1k ",
        "тыс. ",
        "万1",
        "1万元",
        "年",
        "gehalt",
        "k",
        "K1",
        "a",
        "é",
        "\u00a0",
        "\ud800",
        "€1.",
        "401k",
        "$1-$2 ",
        "$90,000-$99,000 ",
        "| $90k ",
        "USD 1 ",
        "x13 ",
        "not_pay ",
    ],
)
def test_hostile_texts_are_cheap(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    read_pay("$1"), find_pay("salary $1")  # the tables are loaded
    assert cheaper_of_two(lambda: read_pay(text)) < 0.05
    assert cheaper_of_two(lambda: find_pay(text)) < 0.05


def test_every_rate_has_a_currency_and_sizes_are_in_order() -> None:
    tables = money._tables()
    assert tables.base_units["USD"] == pytest.approx(1.0)
    assert set(tables.base_units) <= set(tables.sizes)
    for code, sizes in tables.sizes.items():
        for least, most in sizes.values():
            assert least < most, code
        if "month" in sizes and "year" in sizes:
            assert sizes["month"][1] <= sizes["year"][0], code
