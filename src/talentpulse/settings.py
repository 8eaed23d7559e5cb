"""Every setting of the project, read once from the environment; nothing else reads it.

A value comes from, first found first: an argument of `load_settings`, the environment (`PULSE_...`), `.env` in the
project's folder, the generated secrets file of the stack, the default below. Configuration of Spark, Trino, PyIceberg and
the supervisor is rendered from this object, so that no value is written twice.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[2]
SECRETS_FILE = "secrets.env"


def _default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "talentpulse"


class Settings(BaseSettings):
    """All settings, frozen. Ports and hosts are where clients connect to; services bind to `bind_host`."""

    model_config = SettingsConfigDict(env_prefix="PULSE_", extra="ignore", frozen=True)

    profile: Literal["default", "test"] = Field(
        "default", description="test allows what tests need, such as failpoints"
    )
    home: Path = Field(PROJECT_ROOT / ".pulse", description="state of the native stack: data, logs, secrets, sockets")
    cache: Path = Field(default_factory=_default_cache, description="what was fetched: jars, Trino, MinIO")
    evaluation_data: Path = Field(
        PROJECT_ROOT.parent / "shared" / "data", description="labelled sets and real postings, for measuring only"
    )
    bind_host: str = Field("127.0.0.1", description="address that the native services bind to")

    kafka_host: str = "127.0.0.1"
    kafka_port: int = 9092
    kafka_controller_port: int = 9093
    topic: str = Field("job.postings.v1", description="the log of postings")

    s3_scheme: Literal["http", "https"] = "http"
    s3_host: str = "127.0.0.1"
    s3_port: int = 9000
    s3_console_port: int = 9001
    s3_region: str = "us-east-1"
    s3_bucket: str = "lake"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")

    postgres_host: str = "127.0.0.1"
    postgres_port: int = 5433
    postgres_user: str = "pulse"
    postgres_database: str = "pulse"
    postgres_password: SecretStr = SecretStr("")

    catalog_name: str = Field("lake", description="part of the key of every table: the same in all three engines")
    catalog_type: Literal["jdbc", "rest"] = Field("jdbc", description="the writers' fence needs jdbc on PostgreSQL")
    catalog_uri: str = Field("", description="address of a REST catalog; unused with jdbc")

    trino_host: str = "127.0.0.1"
    trino_port: int = 8080
    trino_user: str = "pulse"
    trino_memory: str = Field("2G", description="Java heap of Trino")

    spark_master: str = "local[2]"
    spark_ui_port: int = 4040
    spark_driver_memory: str = Field("1200m", description="Java heap of the stream's driver")
    trigger_seconds: float = Field(5.0, ge=0, description="pause between two micro-batches; 0 = as fast as possible")
    max_offsets_per_trigger: int = Field(20_000, ge=1, description="most records of one micro-batch")
    observer_seconds: float = Field(5.0, gt=0, description="how often broker end offsets are written to ops.log_ends")
    audit_hours: float = Field(
        24, gt=0, description="how long snapshots are kept, so that cuts can be read and audited"
    )
    audit_seconds: float = Field(60.0, gt=0, description="how often the auditor looks at what is new")
    audit_whole_seconds: float = Field(3600.0, gt=0, description="how often the auditor looks at the whole lake")
    java_home: Path | None = Field(None, description="a JDK 17 for Spark and Kafka; found by itself when unset")
    failpoint: str = Field("", description="where the stream kills itself; refused unless the profile is test")

    @property
    def kafka_bootstrap(self) -> str:
        """Broker address for clients, `host:port`."""
        return f"{self.kafka_host}:{self.kafka_port}"

    @property
    def s3_endpoint(self) -> str:
        """Object store address for clients, a URL without a path."""
        return f"{self.s3_scheme}://{self.s3_host}:{self.s3_port}"

    @property
    def warehouse(self) -> str:
        """Root of all table locations."""
        return f"s3://{self.s3_bucket}/wh"

    @property
    def postgres_jdbc_url(self) -> str:
        """JDBC address of the database that holds catalog and ledger (no user, no password)."""
        return f"jdbc:postgresql://{self.postgres_host}:{self.postgres_port}/{self.postgres_database}"

    @property
    def secrets_path(self) -> Path:
        """File of generated passwords, mode 0600."""
        return self.home / SECRETS_FILE

    @property
    def log_dir(self) -> Path:
        """One log file per supervised process, `NAME.log`."""
        return self.home / "logs"

    def environment(self) -> dict[str, str]:
        """The `PULSE_...` variables that make a child process load equal settings; secrets stay in their file."""
        values: dict[str, str] = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, SecretStr) or value == field.get_default(call_default_factory=True):
                continue
            values[f"PULSE_{name.upper()}"] = value if isinstance(value, str) else str(value)
        return values

    def describe(self) -> str:
        """All settings as JSON with secrets masked, for logs and bug reports."""
        return json.dumps(self.model_dump(mode="json"), indent=2)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over the environment.

    Raises:
        pydantic.ValidationError: a value has the wrong type; the message names the variable.
    """
    home = Path(overrides.get("home") or os.environ.get("PULSE_HOME") or PROJECT_ROOT / ".pulse")
    home = home if home.is_absolute() else PROJECT_ROOT / home
    env_files = (PROJECT_ROOT / ".env", home / SECRETS_FILE)
    # .env first: in pydantic-settings the later file wins, and generated secrets must win over an example's
    return Settings(_env_file=env_files, **{**overrides, "home": home})
