// @ts-check

/**
 * Emergency passes: each lets one run pass the locks that it names, for a short time. That nobody is the second person for what they asked for
 * themselves, that what was asked for never changes, and that all of it is told, is kept here, so that no code path can forget it.
 *
 * `passes` is what stood in the way, in the words that the asker was shown: [{ lock, entityRef, blocker }].
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    CREATE TABLE break_glass (
      id uuid PRIMARY KEY,
      run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      plan_hash text NOT NULL,
      requested_by text NOT NULL,
      asked_by text NOT NULL,
      asked_groups text[] NOT NULL,
      asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      reason text NOT NULL,
      incident text,
      passes json NOT NULL,
      lock_ids uuid[] NOT NULL,
      lifts text[] NOT NULL,
      needs_second boolean NOT NULL,
      valid_for_ms bigint NOT NULL,
      confirm_until timestamptz NOT NULL,
      status text NOT NULL CHECK (status IN ('asked', 'given', 'refused', 'withdrawn', 'expired')),
      answered_by text,
      answered_at timestamptz,
      comment text,
      valid_until timestamptz,
      withdrawn_by text,
      withdrawn_at timestamptz,
      used_at timestamptz,
      CHECK (status <> 'given' OR valid_until IS NOT NULL),
      CHECK (status <> 'given' OR NOT needs_second
        OR (answered_by IS NOT NULL AND answered_by <> asked_by AND answered_by <> requested_by))
    )`);
  await knex.raw(
    `CREATE INDEX break_glass_of_run ON break_glass (run_id, asked_at)`,
  );
  // One at a time: nobody has to ask which of two counts.
  await knex.raw(
    `CREATE UNIQUE INDEX break_glass_live ON break_glass (run_id) WHERE status IN ('asked', 'given')`,
  );
  await knex.raw(
    `CREATE INDEX break_glass_asked ON break_glass (confirm_until) WHERE status = 'asked'`,
  );

  await knex.raw(`
    CREATE FUNCTION break_glass_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'break-glass %: %', OLD.id, TG_ARGV[0];
    END $$`);
  await knex.raw(`
    CREATE TRIGGER break_glass_is_immutable
    BEFORE UPDATE OF id, run_id, plan_hash, requested_by, asked_by, asked_groups, asked_at, reason, incident, passes, lock_ids, lifts,
      needs_second, valid_for_ms, confirm_until ON break_glass
    FOR EACH ROW EXECUTE FUNCTION break_glass_refuse_change('what was asked for never changes')`);
  await knex.raw(`
    CREATE TRIGGER break_glass_ends_once
    BEFORE UPDATE OF status ON break_glass
    FOR EACH ROW WHEN (NEW.status <> OLD.status AND (OLD.status NOT IN ('asked', 'given')
      OR (OLD.status = 'given' AND NEW.status NOT IN ('withdrawn', 'expired'))))
    EXECUTE FUNCTION break_glass_refuse_change('it has been decided')`);

  // Whoever wrote it: it goes into the audit trail, and is told loudly.
  await knex.raw(`
    CREATE FUNCTION break_glass_tell() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      run_row record;
      words jsonb := '[]';
      word jsonb;
      passed text;
      details jsonb := jsonb_strip_nulls(jsonb_build_object('pass', NEW.id, 'planHash', NEW.plan_hash, 'incident', NEW.incident,
        'lifts', NEW.lifts, 'validUntil', NEW.valid_until));
    BEGIN
      IF TG_OP = 'INSERT' THEN
        words := words || jsonb_build_array(jsonb_build_object('what', 'ask', 'by', NEW.asked_by, 'reason', NEW.reason));
        IF NEW.status = 'given' THEN
          words := words || jsonb_build_array(jsonb_build_object('what', 'give', 'by', NEW.asked_by, 'reason', NEW.reason));
        END IF;
      ELSIF NEW.status <> OLD.status AND NEW.status = 'given' THEN
        words := words || jsonb_build_array(jsonb_build_object('what', 'give', 'by', NEW.answered_by, 'reason', coalesce(NEW.comment, NEW.reason)));
      ELSIF NEW.status <> OLD.status AND NEW.status = 'refused' THEN
        words := words || jsonb_build_array(jsonb_build_object('what', 'refuse', 'by', NEW.answered_by, 'reason', NEW.comment));
      ELSIF NEW.status <> OLD.status AND NEW.status = 'withdrawn' THEN
        words := words || jsonb_build_array(jsonb_build_object('what', 'withdraw', 'by', NEW.withdrawn_by, 'reason', NULL));
      ELSIF OLD.used_at IS NULL AND NEW.used_at IS NOT NULL THEN
        words := words || jsonb_build_array(jsonb_build_object('what', 'use', 'by', NEW.asked_by, 'reason', NEW.reason));
      END IF;
      EXECUTE format('SELECT entity_ref, environment, kind, id, number, title FROM %I.run WHERE id = $1', TG_TABLE_SCHEMA)
        INTO run_row USING NEW.run_id;
      -- Whoever may see the run may not see every component whose lock it passes.
      SELECT string_agg(CASE WHEN coalesce(each ->> 'entityRef', run_row.entity_ref) = run_row.entity_ref THEN each -> 'blocker' ->> 'why'
          ELSE 'A lock elsewhere.' END, ' ') INTO passed FROM jsonb_array_elements(NEW.passes::jsonb) AS each;
      FOR word IN SELECT * FROM jsonb_array_elements(words) LOOP
        EXECUTE format('INSERT INTO %I.audit (event, actor, entity_ref, environment, action, run_id, run_number, what, before, reason, details)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', TG_TABLE_SCHEMA)
          USING 'break-glass-' || (word ->> 'what'), word ->> 'by', run_row.entity_ref, run_row.environment, run_row.kind, run_row.id,
            run_row.number, run_row.title, passed, word ->> 'reason', details;
        -- One that is given at once is told of once.
        IF word ->> 'what' = 'ask' AND NEW.status = 'given' THEN
          CONTINUE;
        END IF;
        EXECUTE format('INSERT INTO %I.outbox (id, topic, payload) VALUES (gen_random_uuid(), ''notify-break-glass'', $1)', TG_TABLE_SCHEMA)
          USING (word || jsonb_build_object('run', NEW.run_id, 'pass', NEW.id))::json;
        -- Nobody asks over HTTP when it is used.
        IF word ->> 'what' = 'use' THEN
          EXECUTE format('INSERT INTO %I.outbox (id, topic, payload) VALUES (gen_random_uuid(), ''audit-break-glass'', $1)', TG_TABLE_SCHEMA)
            USING (jsonb_build_object('run', NEW.run_id, 'number', run_row.number, 'entityRef', run_row.entity_ref,
              'environment', run_row.environment, 'askedBy', NEW.asked_by, 'confirmedBy', NEW.answered_by, 'passed', passed) || details)::json;
        END IF;
      END LOOP;
      RETURN NULL;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER break_glass_tell_insert AFTER INSERT ON break_glass FOR EACH ROW EXECUTE FUNCTION break_glass_tell()`);
  await knex.raw(`
    CREATE TRIGGER break_glass_tell_update AFTER UPDATE ON break_glass
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL))
    EXECUTE FUNCTION break_glass_tell()`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP TABLE break_glass`);
  for (const name of ['tell', 'refuse_change'])
    await knex.raw(`DROP FUNCTION break_glass_${name}()`);
};
