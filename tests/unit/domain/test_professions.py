"""Skills of other work than software, soft skills, languages: a form counts only where it means the skill."""

from importlib import resources

import pytest

from talentpulse.domain.skills import skill_matcher
from talentpulse.domain.taxonomy import Skill, taxonomy

HAS = [
    # languages
    ("Fluent Polish and English are required", {"Polish", "English"}),
    ("we speak Polish, Czech and Slovak", {"Polish", "Czech", "Slovak"}),
    ("Spanish speaking preferred", {"Spanish"}),
    ("must be fluent in german", {"German"}),
    ("Gute Deutschkenntnisse und Englischkenntnisse", {"German", "English"}),
    ("anglais courant exigé", {"English"}),
    ("Mandarin or Cantonese is a plus", {"Mandarin", "Cantonese"}),
    ("BSL level 2 desirable", {"Sign Language"}),
    ("Hmong, Somali or Tigrinya", {"Hmong", "Somali", "Tigrinya"}),
    # health
    ("CNA or STNA required", {"Certified Nursing Assistant"}),
    ("Current RN license in the state", {"Registered Nurse"}),
    ("BLS and ACLS within 30 days", {"Basic Life Support", "Advanced Cardiac Life Support"}),
    ("experience with Epic EHR", {"Epic Systems"}),
    ("wound care and IV therapy", {"Wound Care", "IV Therapy"}),
    ("Krankenpflege in der Altenpflege", {"Nursing", "Elderly Care"}),
    ("Diplôme d'état infirmier", {"Registered Nurse"}),
    # trades and the factory
    ("MIG and TIG welding", {"TIG Welding"}),
    ("mig welding on thin sheet metal", {"MIG Welding", "Sheet Metal Fabrication"}),
    ("EPA 608 certification and HVAC tools", {"EPA 608", "HVAC"}),
    ("must read blueprints", {"Blueprint Reading"}),
    ("18th edition and JIB gold card", {"18th Edition Wiring Regulations", "Electrician License"}),
    ("Schweißen und Löten", {"Welding", "Soldering"}),
    ("LOTO and confined spaces", {"Lockout/Tagout", "Confined Space Entry"}),
    ("HACCP and 5S on the line", {"HACCP", "5S"}),
    ("SMSTS and CSCS needed", {"NEBOSH", "CSCS Card"}),
    # logistics
    ("CDL class A with tanker endorsement", {"CDL"}),
    ("CACES 3 et permis B", {"Forklift Operation", "Driver's License"}),
    ("Führerschein Klasse CE und Staplerschein", {"HGV Licence", "Forklift Operation"}),
    ("WMS and cycle counts", {"Warehouse Management Systems", "Inventory Management"}),
    # money and law
    ("AML and KYC checks", {"Anti-Money Laundering"}),
    ("Xero, Sage and QuickBooks", {"Xero", "Sage Accounting", "QuickBooks"}),
    ("CPA, CFA or ACCA", {"CPA", "CFA", "ACCA"}),
    ("month-end close under IFRS", {"Month-End Close", "IFRS"}),
    ("Buchhaltung mit DATEV", {"Bookkeeping", "DATEV"}),
    ("comptabilité fournisseurs et gestion de la paie", {"Accounts Payable", "Payroll"}),
    ("Series 7 and 66", {"Securities Licenses"}),
    # office, selling, people, teaching, kitchens
    ("Word, Outlook and Access", {"Microsoft Word", "Microsoft Outlook", "Microsoft Access"}),
    ("MS Teams and SharePoint", {"Microsoft Teams", "SharePoint"}),
    ("SEO, SEM and copywriting", {"SEO", "Search Advertising", "Copywriting"}),
    ("cold calling and objection handling", {"Cold Calling", "Sales Skills"}),
    ("CIPD level 5 and employee relations", {"CIPD", "Employee Relations"}),
    ("QTS and lesson planning", {"Teaching Certification", "Lesson Planning"}),
    ("commis chef with food hygiene certificate", {"Chef Skills", "Food Safety"}),
    ("SIA licence, close protection", {"Security Guard License", "Security Operations"}),
    ("chainsaw and tractor driving", {"Chainsaw Operation", "Tractor Operation"}),
    # soft skills
    ("a team player who works well under pressure", {"Teamwork", "Working Under Pressure"}),
    ("Teamfähigkeit und Belastbarkeit", {"Teamwork", "Working Under Pressure"}),
    ("vous aimez le travail en équipe", {"Teamwork"}),
    ("you take the initiative", {"Taking Initiative"}),
    ("works independently, detail-oriented", {"Working Independently", "Attention to Detail"}),
    ("able to present and persuasive", {"Communication", "Persuasion"}),
    ("a self-starter with a can-do attitude", {"Self-Motivation", "Positive Attitude"}),
    ("strong analytical skills", {"Analytical Skills"}),
    ("you thrive in a fast paced environment", {"Fast-Paced Environments"}),
    ("a dynamic individual", {"Enthusiasm"}),
    ("Reisebereitschaft", {"Willingness to Travel"}),
]
HAS_NOT = [
    ("polish the floors every evening", "Polish"),
    ("Polish the silver", "Polish"),
    ("nail Polish", "Polish"),
    ("the Polish market", "Polish"),
    ("English breakfast for all", "English"),
    ("a bachelor in English literature", "English"),
    ("German measles vaccine", "German"),
    ("a German company", "German"),
    ("German shepherd", "German"),
    ("a French press in the kitchen", "French"),
    ("French fries", "French"),
    ("Turkish delight", "Turkish"),
    ("Danish pastries on Fridays", "Danish"),
    ("Chinese New Year", "Mandarin"),
    ("Thai massage", "Thai"),
    ("Latin America", "Latin"),
    ("Greek yogurt", "Greek"),
    ("the Spanish government", "Spanish"),
    ("Korean BBQ", "Korean"),
    ("Georgian townhouse", "Georgian"),
    ("we care about our people", "Patient Care"),
    ("an epic party", "Epic Systems"),
    ("an Epic Games title", "Epic Systems"),
    ("write epics and stories", "Epic Systems"),
    ("BLS data and census data", "Basic Life Support"),
    ("Bureau of Labor Statistics (BLS)", "Basic Life Support"),
    ("skilled nursing facilities", "Nursing"),
    ("ask the nursing home", "Nursing"),
    ("CNA Insurance", "Certified Nursing Assistant"),
    ("AML patients with relapse", "Anti-Money Laundering"),
    ("lower CPC and CPA", "CPA"),
    ("the CFP is open", "Certified Financial Planner"),
    ("sage advice", "Sage Accounting"),
    ("Sage Publications", "Sage Accounting"),
    ("electron microscopy (SEM) imaging", "Search Advertising"),
    ("SEND us your CV", "Special Education"),
    ("paving the way", "Paving"),
    ("decision tree pruning", "Horticulture"),
    ("character rigging", "Rigging"),
    ("data plumbing", "Plumbing"),
    ("Word of mouth", "Microsoft Word"),
    ("a positive Outlook", "Microsoft Outlook"),
    ("Access to a pension", "Microsoft Access"),
    ("our teams zoom ahead", "Microsoft Teams"),
    ("join us on Slack", "Slack"),
    ("a lean team", "5S"),
    ("iPhone 5S", "5S"),
    ("data warehousing", "Warehouse Operations"),
    ("finished goods in stock", "Shipping and Receiving"),
    ("child care assistance", "Childcare"),
    ("H1B sponsorship", "Sponsorship"),
    ("GED or high school diploma", "Filing"),
    ("machine translation", "Translation"),
    ("PM", "Project Management"),
    ("sales, marketing and finance teams", "Sales Skills"),
    ("sales, marketing and finance teams", "Marketing Strategy"),
    ("our dynamic company", "Enthusiasm"),
    ("dynamic pricing", "Enthusiasm"),
    ("an independent school", "Working Independently"),
    ("services that scale independently", "Working Independently"),
    ("unsupervised learning", "Working Independently"),
    ("our development team working on payments", "Teamwork"),
    ("an analytical database", "Analytical Skills"),
    ("a data-driven company", "Ambition and Drive"),
    ("data integrity", "Integrity"),
    ("the initiative will improve access", "Taking Initiative"),
    ("flexible and remote work", "Flexible Attitude"),
    ("a user-friendly page", "Friendliness"),
    ("reliable and scalable systems", "Dependability"),
    ("present to senior leadership", "Leadership"),
    ("confidence intervals", "Self Confidence"),
    ("what you can do here", "Positive Attitude"),
    ("Our team is passionate", "Enthusiasm"),
    ("due diligence", "Work Ethic"),
    ("fast moving consumer goods", "Fast-Paced Environments"),
]
TECHNICAL = {
    "ai", "business systems", "cloud", "data", "databases", "design", "engineering", "games", "mobile", "programming",
    "security", "software", "systems", "web",
}  # fmt: skip


def others() -> list[Skill]:
    """The skills that are not those of software and its neighbours."""
    return [skill for skill in taxonomy().skills if skill.category not in TECHNICAL]


@pytest.mark.parametrize(("text", "expected"), HAS)
def test_a_form_that_means_the_skill_is_found(text: str, expected: set[str]) -> None:
    assert expected <= set(skill_matcher().skills(text))


@pytest.mark.parametrize(("text", "skill"), HAS_NOT)
def test_a_form_that_means_something_else_is_not_the_skill(text: str, skill: str) -> None:
    assert skill in {known.name for known in taxonomy().skills}
    assert skill not in skill_matcher().skills(text)


def test_a_form_of_two_words_is_found_with_a_blank_and_with_a_hyphen() -> None:
    assert skill_matcher().skills("time-management") == skill_matcher().skills("time management") == ["Time Management"]


def test_the_taxonomy_covers_other_work_in_depth() -> None:
    assert len(others()) >= 500
    assert sum(len(skill.forms) for skill in others()) >= 1_300
    assert sum(skill.kind == "human language" for skill in others()) >= 60
    assert sum(skill.kind == "soft skill" for skill in others()) >= 40


def test_a_form_that_is_an_everyday_word_has_a_rule() -> None:
    lines = resources.files("talentpulse.domain.taxonomy").joinpath("everyday.txt").read_text("utf-8").splitlines()
    everyday = {line for line in lines if not line.startswith("#")}
    bare = [
        (skill.name, form)
        for skill in others()
        for form in skill.forms
        if form.lower() in everyday
        and not skill.forbid
        and not (skill.is_exact and form != form.lower())
        and form not in skill.neighbour
    ]
    assert bare == []


def test_everyday_words_are_in_lower_case_sorted_and_once_each() -> None:
    lines = resources.files("talentpulse.domain.taxonomy").joinpath("everyday.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert words == sorted(set(words))
    assert all(word == word.lower() and " " not in word for word in words)
    assert len(words) >= 3_000
