"""The words of generated postings: roles and what they ask for, sentences with skills and without.

Whatever is not planted on purpose must name no skill of the taxonomy: a test proves it with the reader.
"""

from __future__ import annotations

from typing import NamedTuple


class Role(NamedTuple):
    """One kind of job: relative weight, titles with the skills that the title itself names, skills by rank.

    `hot` are canonical skills separated by ", ", the most asked for first; behind them come all skills of
    the taxonomy's `categories`.
    """

    weight: float
    titles: tuple[tuple[str, tuple[str, ...]], ...]
    hot: str
    categories: tuple[str, ...]


ROLES: tuple[Role, ...] = (
    Role(
        weight=16,
        titles=(
            ("Data Engineer", ()),
            ("Analytics Engineer", ()),
            ("Data Platform Engineer", ()),
            ("Python Data Engineer", ("Python",)),
            ("ETL Developer", ("ETL",)),
            ("Engineer, Snowflake Platform", ("Snowflake",)),
        ),
        hot=(
            "Python, SQL, Apache Spark, AWS, Apache Kafka, Apache Airflow, dbt, Snowflake, "
            "Databricks, Docker, ETL, Data Modeling, Azure, BigQuery, Kubernetes, Terraform, "
            "PostgreSQL, Scala, Google Cloud, Apache Iceberg, Delta Lake, Trino, Apache Flink, Data "
            "Governance, Git, CI/CD"
        ),
        categories=("data", "cloud"),
    ),
    Role(
        weight=12,
        titles=(
            ("Data Scientist", ()),
            ("Applied Scientist", ()),
            ("Machine Learning Engineer", ("Machine Learning",)),
            ("Computer Vision Engineer", ("Computer Vision",)),
            ("Research Scientist, Deep Learning", ("Deep Learning",)),
        ),
        hot=(
            "Python, Machine Learning, SQL, PyTorch, Large Language Models, Statistics, TensorFlow, "
            "pandas, scikit-learn, Deep Learning, Natural Language Processing, AWS, R, Docker, MLOps, "
            "A/B Testing, Computer Vision, Apache Spark, NumPy, LangChain, Generative AI, Hugging "
            "Face, XGBoost, Git"
        ),
        categories=("ai", "data"),
    ),
    Role(
        weight=10,
        titles=(
            ("Data Analyst", ()),
            ("Insights Analyst", ()),
            ("BI Developer", ("Business Intelligence",)),
            ("Power BI Developer", ("Power BI",)),
            ("Reporting Analyst (SQL, Tableau)", ("SQL", "Tableau")),
        ),
        hot=(
            "SQL, Microsoft Excel, Power BI, Tableau, Python, Data Analysis, Data Visualization, "
            "Looker, Statistics, Communication, R, A/B Testing, Google Analytics, SAS, KPIs, dbt, "
            "Forecasting"
        ),
        categories=("data", "management"),
    ),
    Role(
        weight=18,
        titles=(
            ("Software Engineer", ()),
            ("Senior Developer", ()),
            ("Java Developer", ("Java",)),
            ("Golang Engineer", ("Go",)),
            ("C++ Developer", ("C++",)),
            ("Platform Engineer (Kotlin)", ("Kotlin",)),
            ("Staff Engineer, Payments", ()),
        ),
        hot=(
            "Java, Python, Go, Microservices, SQL, Kubernetes, AWS, Docker, PostgreSQL, Spring Boot, "
            "REST APIs, C#, Git, CI/CD, Apache Kafka, C++, Rust, .NET, Redis, Kotlin, gRPC, GraphQL, "
            "MongoDB, Agile, Ruby on Rails, Elasticsearch, PHP, Django, FastAPI, RabbitMQ, Scala, C"
        ),
        categories=("software", "cloud", "systems"),
    ),
    Role(
        weight=12,
        titles=(
            ("Interface Engineer", ()),
            ("Web Engineer", ()),
            ("React Developer", ("React",)),
            ("JavaScript Engineer", ("JavaScript",)),
            ("Angular / TypeScript Developer", ("Angular", "TypeScript")),
        ),
        hot=(
            "JavaScript, TypeScript, React, HTML, CSS, Node.js, Next.js, Angular, Vue.js, REST APIs, "
            "Git, GraphQL, Redux, Webpack, Figma, Tailwind CSS, Agile, Svelte, Express.js, NestJS, "
            "jQuery"
        ),
        categories=("web", "design"),
    ),
    Role(
        weight=9,
        titles=(
            ("Cloud Engineer", ()),
            ("Infrastructure Engineer", ()),
            ("DevOps Engineer", ()),
            ("Kubernetes Administrator", ("Kubernetes",)),
            ("Systems Engineer, Linux", ("Linux",)),
        ),
        hot=(
            "Kubernetes, AWS, Terraform, Linux, Docker, CI/CD, Python, Azure, Ansible, Prometheus, "
            "Grafana, Jenkins, Helm, Google Cloud, Bash, GitLab, Go, Datadog, Nginx, PowerShell, "
            "OpenShift"
        ),
        categories=("cloud", "systems", "security"),
    ),
    Role(
        weight=5,
        titles=(
            ("Mobile Engineer", ()),
            ("Android Developer", ("Android",)),
            ("iOS Developer", ("iOS",)),
        ),
        hot=("Kotlin, Android, iOS, Flutter, React Native, Dart, REST APIs, Git, Java, Agile, Figma, GraphQL"),
        categories=("mobile", "games"),
    ),
    Role(
        weight=5,
        titles=(
            ("Security Analyst", ()),
            ("Security Architect", ()),
            ("Penetration Tester", ()),
        ),
        hot=(
            "Cybersecurity, SIEM, Splunk, Linux, Python, Penetration Testing, ISO 27001, Incident "
            "Response, AWS, CISSP, NIST, Firewalls, Vulnerability Management, TCP/IP, Cryptography, "
            "GDPR"
        ),
        categories=("security", "systems"),
    ),
    Role(
        weight=4,
        titles=(
            ("Programme Coordinator", ()),
            ("Delivery Lead", ()),
            ("Head of Delivery", ()),
            ("Scrum Master", ("Scrum",)),
        ),
        hot=(
            "Agile, Stakeholder Management, Jira, Product Management, Communication, Scrum, Project "
            "Management, Confluence, Figma, User Research, SQL, Kanban, Presentation Skills, Change "
            "Management, PMP"
        ),
        categories=("management", "design"),
    ),
    Role(
        weight=3,
        titles=(
            ("Accountant", ()),
            ("Finance Manager", ()),
            ("Payroll Specialist", ("Payroll",)),
        ),
        hot=("Accounting, Microsoft Excel, GAAP, SAP, Budgeting, QuickBooks, ERP, Taxation, CPA, Power BI"),
        categories=("finance", "office"),
    ),
    Role(
        weight=3,
        titles=(
            ("Account Executive", ()),
            ("Growth Manager", ()),
            ("SEO Manager", ("SEO",)),
        ),
        hot=("Salesforce, CRM, Negotiation, B2B Sales, SEO, Digital Marketing, Lead Generation, Google Analytics"),
        categories=("sales", "marketing"),
    ),
    Role(
        weight=3,
        titles=(
            ("Ward Manager", ()),
            ("Warehouse Operative", ()),
            ("Site Supervisor", ()),
            ("Shift Lead", ()),
        ),
        hot=("Patient Care, Inventory Management, Forklift Operation, Food Safety, Driver's License, Time Management"),
        categories=("health", "logistics", "trades", "hospitality"),
    ),
)

SENIORITIES = ("", "", "", "Senior ", "Senior ", "Junior ", "Lead ", "Principal ")
TITLE_ENDINGS = ("", "", "", "", " (m/f/d)", " - Hybrid", " II", " (f/m/x)")

ALONE = (
    "You bring hands-on experience with: {}.",
    "Our stack: {}.",
    "What we expect: {}.",
    "Nice to have: {}.",
    "Must have: {}",
    "A plus: {}!",
)
"""Around one skill, also one whose mentions the taxonomy judges by the words beside them."""

WITH_SKILLS = (
    *ALONE,
    "You bring hands-on experience with {}.",
    "Several years of professional work with {}.",
    "Solid knowledge of {} is required.",
    "You know your way around {}, or want to learn it quickly.",
    "Day to day we use {}.",
    "Practical background in {} (at least two years).",
)
"""Around skills that are found whatever stands beside them."""

INTROS = (
    "{company} is growing and we are hiring.",
    "Join {company} in {city}, where every day brings new ideas.",
    "About us: from its seat in {city}, {company} has served its customers for many years.",
    "{company} is looking for a new colleague.",
    "At {company} we build products that people rely on every day.",
    "{company} stellt ein: für unser Büro suchen wir Verstärkung.",
    "Chez {company}, vous rejoignez une équipe passionnée à taille humaine.",
)

_SUBJECTS = (
    "You will",
    "In this role you will",
    "Together with your colleagues you will",
    "From the first week on you will",
)
_VERBS = (
    "own", "improve", "shape", "take care of", "keep an eye on", "extend", "simplify", "document", "question",
)  # fmt: skip
_OBJECTS = (
    "the services behind our main product",
    "the way our teams plan their quarter",
    "a platform that thousands of people depend on",
    "the tools that our offices use every morning",
    "the road map for the coming year",
    "an important part of the customer journey",
    "the quality of what we ship",
    "several projects that are close to their launch",
    "the processes between our regional offices",
    "the next generation of our offering",
)
_PURPOSES = (
    "so that customers get answers within minutes.",
    "and present the results to the board.",
    "while keeping things simple.",
    "with a small group of friendly experts.",
    "and report to the head of the department.",
    "from the first idea to the day it reaches our users.",
    "in close exchange with partners on three continents.",
    "without losing sight of the bigger picture.",
)
DUTIES = tuple(
    f"{subject} {verb} {thing} {purpose}"
    for subject in _SUBJECTS
    for verb in _VERBS
    for thing in _OBJECTS
    for purpose in _PURPOSES
)

OFFERS = (
    "We offer 30 days of leave, a pension plan and a budget for conferences.",
    "Flexible hours, a modern office near the station and free fruit are a matter of course.",
    "You can bring your dog on Fridays.",
    "Your growth matters: every colleague has a yearly learning budget.",
    "We support relocation and help with your visa.",
    "Private medical insurance, dental cover and a gym allowance are included.",
    "We meet twice a year for a week by the sea.",
    "Parental leave goes well beyond what the law asks for.",
    "The position is full time; part time from 80 per cent is possible.",
    "You choose your own laptop and your own desk.",
    "Lunch is on us.",
    "There is no dress code.",
    "We are an equal opportunity employer and welcome everybody, whatever their age, origin or faith.",
    "Please apply by the end of the month; we answer every letter within ten days.",
    "The process has three short steps: a call, a visit and an offer.",
    "Wir freuen uns auf deine Bewerbung mit Angabe deines frühesten Eintrittstermins.",
    "Nous vous proposons un poste stable, des horaires souples et une ambiance chaleureuse.",
    "Questions? Write to the hiring team, the address is below.",
)

TRAPS = (
    "You will go to market with a team that loves to go to the limit.",
    "Our R&D department sits next door.",
    "We excel at what we do and we never let things rust.",
    "A swift reaction in a crisis is what makes us different.",
    "The ideal person can spark new ideas and react to change with a cool head.",
    "Reference: category C-level, section 4, grade C.",
    "Our cafeteria serves a mean chilli and the best basil pesto in town.",
    "You report to the express counter on the ground floor.",
    "We spring into action when a client calls.",
)
"""Sentences with words that look like skills and are none."""

EMPLOYMENT_TYPES = (
    "Full-time",
    "full_time",
    "FULL_TIME",
    "Part-time",
    "Contract",
    "Permanent",
    "Vollzeit",
    "CDI",
)
