-- Databases of Airflow and Metabase beside the lake's catalog: one role each, which sees nothing of the others.
-- Run at every `docker compose up`: makes what is missing, lets the passwords follow `.env`, changes nothing else.
\set ON_ERROR_STOP on
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv metabase_password METABASE_DB_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', name)
FROM (VALUES ('airflow'), ('metabase')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE airflow PASSWORD :'airflow_password';
ALTER ROLE metabase PASSWORD :'metabase_password';

SELECT format('CREATE DATABASE %I OWNER %I', name, name)
FROM (VALUES ('airflow'), ('metabase')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec

-- by default every role may connect to every database
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', name)
FROM (VALUES ('airflow'), ('metabase'), (current_database())) AS closed (name) \gexec
