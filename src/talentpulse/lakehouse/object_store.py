"""The object store, spoken to in plain S3: any other store will do."""

from __future__ import annotations

from minio import Minio

from talentpulse.settings import Settings


def object_store(settings: Settings) -> Minio:
    """A client of the object store."""
    return Minio(
        f"{settings.s3_host}:{settings.s3_port}",
        access_key=settings.s3_access_key.get_secret_value(),
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
        secure=settings.s3_scheme == "https",
    )


def ensure_bucket(settings: Settings) -> bool:
    """Make the lake's bucket (private by default); True if it was missing."""
    store = object_store(settings)
    if store.bucket_exists(settings.s3_bucket):
        return False
    store.make_bucket(settings.s3_bucket)
    return True
