-- guard: a leased Iceberg table accepts commits from the holder of its lease only
-- reads: iceberg_tables (the JDBC catalog), ops.leases
-- why: a writer that comes back from a long pause must not commit beside its successor; the catalog's database is the
--      one place that every commit of every engine passes. A writer states its number in its connection (pulse.fence);
--      maintenance, which changes no rows, states pulse.role=maintenance. Tables without a lease are free.
CREATE OR REPLACE FUNCTION ops.refuse_foreign_commit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lease ops.leases%ROWTYPE;
    stated text := current_setting('pulse.fence', true);
BEGIN
    IF current_setting('pulse.role', true) = 'maintenance' THEN
        RETURN new;
    END IF;
    -- shared lock: who takes the lease waits until this commit is done, and then sees it
    SELECT * INTO lease FROM ops.leases
    WHERE table_name = old.table_namespace || '.' || old.table_name FOR SHARE;
    IF FOUND AND stated IS DISTINCT FROM lease.fence::text THEN
        RAISE EXCEPTION 'fenced: % is leased to % (fence %), this writer states %',
            lease.table_name, lease.holder, lease.fence, coalesce(nullif(stated, ''), 'none');
    END IF;
    RETURN new;
END;
$$;

CREATE OR REPLACE TRIGGER commits_are_fenced
BEFORE UPDATE ON iceberg_tables
FOR EACH ROW EXECUTE FUNCTION ops.refuse_foreign_commit();
