"""The outside: Spark session, Kafka source, Iceberg writers, Trino client, ledger, catalog."""
