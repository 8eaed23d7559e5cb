-- guard: for writers that state who they are, a commit that finds its table elsewhere is an error, not "0 rows"
-- reads: iceberg_tables (the JDBC catalog)
-- why: when a connection dies before the reply to a commit, Iceberg's connection pool sends the commit again. Where the
--      first one was applied, the second changes no row. Iceberg takes that for a lost race, finds its own files in
--      its way, and deletes them: files of a live commit. An error it leaves alone: nothing is deleted, the writer
--      ends, and its next start sees what was applied (docs/adr/0009-a-commit-without-a-reply-is-unknown.md).
--      Writers that state nothing keep Iceberg's way: they hold no lease and race with each other.
CREATE OR REPLACE FUNCTION ops.refuse_commit_to_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fence text := nullif(current_setting('pulse.fence', true), '');
    stated text := coalesce('fence ' || fence, 'role ' || nullif(current_setting('pulse.role', true), ''));
BEGIN
    IF stated IS NOT NULL AND NOT EXISTS (SELECT FROM changed) THEN
        RAISE EXCEPTION 'commit unknown: the table is not where the writer with % left it: its own commit was applied'
            ' and the reply lost, or another commit came between', stated;
    END IF;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE TRIGGER commits_are_sent_once
AFTER UPDATE ON iceberg_tables
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION ops.refuse_commit_to_nothing();
