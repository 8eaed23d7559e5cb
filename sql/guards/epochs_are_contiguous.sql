-- guard: the epochs of a stream follow each other without gap or overlap, partition by partition
-- reads: ops.epochs
-- why: the ledger is the only truth about position; a hole in it would be lost records, so the database refuses it.
--      Only an epoch of kind adopt may begin another log: offsets of a recreated topic start anew
CREATE OR REPLACE FUNCTION ops.refuse_epoch_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    previous ops.epochs%ROWTYPE;
    part text;
BEGIN
    FOR part IN SELECT jsonb_object_keys(new.end_offsets) LOOP
        IF new.start_offsets ->> part IS NULL
            OR (new.end_offsets ->> part)::bigint < (new.start_offsets ->> part)::bigint THEN
            RAISE EXCEPTION 'epoch range runs backwards in partition %: % to %',
                part, new.start_offsets ->> part, new.end_offsets ->> part;
        END IF;
    END LOOP;
    SELECT * INTO previous FROM ops.epochs
    WHERE stream = new.stream ORDER BY epoch DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN new;
    END IF;
    IF previous.state <> 'committed' THEN
        RAISE EXCEPTION 'epoch % of stream % is still open: finish it before a new one starts',
            previous.epoch, previous.stream;
    END IF;
    IF previous.topic_id <> new.topic_id THEN
        IF new.kind <> 'adopt' THEN
            RAISE EXCEPTION 'epoch % ended in the log with id %, the new one is of %: another log must be adopted first',
                previous.epoch, previous.topic_id, new.topic_id;
        END IF;
        RETURN new;
    END IF;
    FOR part IN SELECT jsonb_object_keys(previous.end_offsets) LOOP
        IF new.start_offsets ->> part IS DISTINCT FROM previous.end_offsets ->> part THEN
            RAISE EXCEPTION 'epoch gap in partition %: epoch % ended at %, the new one starts at %',
                part, previous.epoch, previous.end_offsets ->> part, new.start_offsets ->> part;
        END IF;
    END LOOP;
    RETURN new;
END;
$$;

CREATE OR REPLACE TRIGGER epochs_are_contiguous
BEFORE INSERT ON ops.epochs
FOR EACH ROW EXECUTE FUNCTION ops.refuse_epoch_gap();

CREATE OR REPLACE FUNCTION ops.refuse_epoch_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF old.state = 'committed'
        OR new.start_offsets IS DISTINCT FROM old.start_offsets
        OR new.end_offsets IS DISTINCT FROM old.end_offsets THEN
        RAISE EXCEPTION 'epoch % is %: its range never changes, and a committed one is history', old.epoch, old.state;
    END IF;
    RETURN new;
END;
$$;

CREATE OR REPLACE TRIGGER epochs_are_history
BEFORE UPDATE ON ops.epochs
FOR EACH ROW EXECUTE FUNCTION ops.refuse_epoch_change();
