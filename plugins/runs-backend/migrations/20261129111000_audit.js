// @ts-check

/**
 * The audit trail: who did what to what, with what was before, what is after, why, and in which run. It is written by triggers in the transaction
 * that it tells about, so that no code path can forget it, and nothing that happened is missing. It outlives the runs that it is about.
 */
const WRITE = `
      EXECUTE format('INSERT INTO %I.audit (event, actor, entity_ref, environment, action, run_id, run_number, what, before, after, reason, details)
        SELECT event, actor, entity_ref, environment, action, run_id, run_number, what, before, after, reason, details
        FROM jsonb_to_recordset($1) AS e(event text, actor text, entity_ref text, environment text, action text, run_id uuid, run_number bigint,
          what text, before text, after text, reason text, details jsonb)', TG_TABLE_SCHEMA) USING entries;
      RETURN NULL;`;

/** A filter in the order of the list each, as for runs. */
const INDEXES = {
  audit_by_time: 'at',
  audit_of_entity: 'entity_ref, id DESC',
  audit_by_actor: 'actor, id DESC',
  audit_by_event: 'event, id DESC',
  audit_of_run: 'run_number, id DESC',
};

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    CREATE TABLE audit (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      event text NOT NULL,
      actor text,
      entity_ref text,
      environment text,
      action text,
      run_id uuid,
      run_number bigint,
      what text NOT NULL,
      before text,
      after text,
      reason text,
      details jsonb
    )`);
  for (const [name, columns] of Object.entries(INDEXES))
    await knex.raw(`CREATE INDEX ${name} ON audit (${columns})`);
  await knex.raw(`
    CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'entry % of the audit trail: what happened never changes', OLD.id;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER audit_is_immutable BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()`);

  // A run: asked for, what people did to it, and how it went.
  await knex.raw(`
    CREATE FUNCTION audit_run() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      about jsonb := jsonb_build_object('entity_ref', NEW.entity_ref, 'environment', NEW.environment, 'action', NEW.kind,
        'run_id', NEW.id, 'run_number', NEW.number, 'what', NEW.title);
      entries jsonb := '[]';
    BEGIN
      IF TG_OP = 'INSERT' THEN
        entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-request', 'actor', NEW.requested_by,
          'after', NEW.status, 'reason', NEW.reason, 'details', jsonb_strip_nulls(jsonb_build_object('planHash', NEW.plan_hash,
            'forkedFrom', NEW.forked_from, 'replaces', NEW.replaces))));
      ELSE
        IF OLD.cancel_requested_by IS NULL AND NEW.cancel_requested_by IS NOT NULL THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-cancel', 'actor', NEW.cancel_requested_by,
            'before', OLD.status));
        END IF;
        IF OLD.pause_requested_by IS NULL AND NEW.pause_requested_by IS NOT NULL THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-pause', 'actor', NEW.pause_requested_by,
            'before', OLD.status));
        ELSIF OLD.pause_requested_by IS NULL AND OLD.parked IS NULL AND NEW.parked ->> 'pausedBy' IS NOT NULL THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-pause', 'actor', NEW.parked ->> 'pausedBy',
            'before', OLD.status));
        ELSIF OLD.pause_requested_by IS NOT NULL AND NEW.pause_requested_by IS NULL AND NEW.status = 'running' THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-continue', 'before', OLD.status));
        END IF;
        IF NEW.confirmed IS NOT NULL AND NEW.confirmed::text IS DISTINCT FROM OLD.confirmed::text THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('actor', NEW.confirmed ->> 'by', 'before', OLD.status,
            'reason', coalesce(OLD.parked ->> 'message', OLD.cause), 'details', NEW.confirmed,
            'event', CASE
              WHEN NEW.confirmed ->> 'retriedStepId' IS NOT NULL THEN 'run-retry'
              WHEN NEW.confirmed ->> 'retriedStepIds' IS NOT NULL THEN 'run-redrive'
              WHEN OLD.parked ->> 'pausedBy' IS NOT NULL THEN 'run-continue'
              ELSE 'run-confirm' END));
        END IF;
        IF OLD.discarded IS NULL AND NEW.discarded IS NOT NULL THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-discard', 'actor', NEW.discarded ->> 'by',
            'before', OLD.status, 'reason', NEW.discarded ->> 'reason'));
        END IF;
        IF OLD.replaced_by IS NULL AND NEW.replaced_by IS NOT NULL THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-replace', 'before', OLD.status,
            'reason', NEW.cause, 'details', jsonb_build_object('replacedBy', NEW.replaced_by)));
        END IF;
        IF OLD.status <> NEW.status AND NEW.status <> 'queued' THEN
          entries := entries || jsonb_build_array(about || jsonb_build_object('event', 'run-state', 'before', OLD.status,
            'after', NEW.status, 'reason', coalesce(NEW.parked ->> 'message', NEW.cause)));
        END IF;
      END IF;
      ${WRITE}
    END $$`);
  await knex.raw(`
    CREATE TRIGGER audit_run_insert AFTER INSERT ON run FOR EACH ROW EXECUTE FUNCTION audit_run()`);
  await knex.raw(`
    CREATE TRIGGER audit_run_update AFTER UPDATE ON run
    FOR EACH ROW WHEN (OLD.status <> NEW.status
      OR (OLD.cancel_requested_by, OLD.pause_requested_by, OLD.replaced_by)
        IS DISTINCT FROM (NEW.cancel_requested_by, NEW.pause_requested_by, NEW.replaced_by)
      OR OLD.confirmed::text IS DISTINCT FROM NEW.confirmed::text
      OR OLD.discarded::text IS DISTINCT FROM NEW.discarded::text)
    EXECUTE FUNCTION audit_run()`);

  // An effect: written with the outbox, in the transaction that records it.
  await knex.raw(`
    CREATE FUNCTION audit_effect() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      told jsonb := NEW.payload::jsonb;
      change jsonb := NEW.payload::jsonb -> 'change';
      entries jsonb;
    BEGIN
      entries := jsonb_build_array(jsonb_build_object('event', 'effect', 'actor', coalesce(told ->> 'answeredBy', told ->> 'requestedBy'),
        'entity_ref', told ->> 'entityRef', 'environment', told ->> 'environment', 'action', told ->> 'kind',
        'run_id', told ->> 'run', 'run_number', told -> 'number', 'what', coalesce(change ->> 'what', change ->> 'system'),
        'before', change ->> 'before', 'after', change ->> 'after',
        'details', jsonb_strip_nulls(jsonb_build_object('step', told ->> 'step', 'system', change ->> 'system', 'ref', change ->> 'ref',
          'url', change ->> 'url', 'cluster', change ->> 'cluster'))));
      ${WRITE}
    END $$`);
  await knex.raw(`
    CREATE TRIGGER audit_effect_insert AFTER INSERT ON outbox
    FOR EACH ROW WHEN (NEW.topic = 'audit-effect') EXECUTE FUNCTION audit_effect()`);

  await knex.raw(`
    CREATE FUNCTION audit_skip() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      entries jsonb;
    BEGIN
      EXECUTE format('SELECT jsonb_build_array(jsonb_build_object(''event'', ''run-skip'', ''actor'', $2 ->> ''by'', ''entity_ref'', entity_ref,
        ''environment'', environment, ''action'', kind, ''run_id'', id, ''run_number'', number, ''what'', $3, ''before'', $4,
        ''after'', ''skipped'', ''reason'', $2 ->> ''reason'', ''details'', jsonb_build_object(''step'', $5))) FROM %I.run WHERE id = $1',
        TG_TABLE_SCHEMA) INTO entries USING NEW.run_id, NEW.skipped::jsonb, NEW.title, OLD.status, NEW.step_id;
      ${WRITE}
    END $$`);
  await knex.raw(`
    CREATE TRIGGER audit_skip_update AFTER UPDATE OF skipped ON run_step
    FOR EACH ROW WHEN (OLD.skipped IS NULL AND NEW.skipped IS NOT NULL) EXECUTE FUNCTION audit_skip()`);

  // What was said at a gate. Approvals that count again for the same plan were said before, for another run.
  await knex.raw(`
    CREATE FUNCTION audit_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      said jsonb := to_jsonb(NEW);
      word jsonb;
      entries jsonb;
    BEGIN
      word := CASE TG_TABLE_NAME
        WHEN 'gate_decision' THEN jsonb_build_object('event', 'gate-' || (said ->> 'decision'), 'actor', said ->> 'person',
          'reason', said ->> 'comment', 'details', jsonb_strip_nulls(jsonb_build_object('onBehalfOf', said ->> 'on_behalf_of',
            'planHash', said ->> 'plan_hash', 'reusedFrom', said -> 'reused_from')))
        WHEN 'gate_delegation' THEN jsonb_build_object('event', 'gate-delegate', 'actor', said ->> 'from_person',
          'after', said ->> 'to_person', 'reason', said ->> 'comment')
        ELSE jsonb_build_object('event', 'gate-expire', 'before', 'closed', 'after', 'expired') END;
      EXECUTE format('SELECT jsonb_build_array($2 || jsonb_build_object(''entity_ref'', r.entity_ref, ''environment'', r.environment,
        ''action'', r.kind, ''run_id'', r.id, ''run_number'', r.number, ''what'', g.title))
        FROM %1$I.gate g JOIN %1$I.run r ON r.id = g.run_id WHERE g.id = $1', TG_TABLE_SCHEMA)
        INTO entries USING coalesce(said ->> 'gate_id', said ->> 'id')::uuid, word;
      ${WRITE}
    END $$`);
  await knex.raw(`
    CREATE TRIGGER audit_gate_decision AFTER INSERT ON gate_decision FOR EACH ROW EXECUTE FUNCTION audit_gate()`);
  await knex.raw(`
    CREATE TRIGGER audit_gate_delegation AFTER INSERT OR UPDATE ON gate_delegation FOR EACH ROW EXECUTE FUNCTION audit_gate()`);
  await knex.raw(`
    CREATE TRIGGER audit_gate_expiry AFTER UPDATE OF status ON gate
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status = 'expired') EXECUTE FUNCTION audit_gate()`);

  // Locks are read as JSON: columns that come later are told of too.
  await knex.raw(`
    CREATE FUNCTION audit_lock() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      present jsonb := jsonb_strip_nulls(to_jsonb(NEW));
      former jsonb := CASE TG_OP WHEN 'UPDATE' THEN jsonb_strip_nulls(to_jsonb(OLD)) ELSE '{}' END;
      about jsonb;
      entries jsonb;
    BEGIN
      about := jsonb_build_object('entity_ref', present ->> 'entity_ref', 'environment', present ->> 'environment', 'action', 'lock',
        'what', initcap(coalesce(present ->> 'kind', 'lock')), 'reason', present ->> 'reason');
      IF TG_OP = 'INSERT' THEN
        entries := jsonb_build_array(about || jsonb_build_object('event', 'lock-set', 'actor', present ->> 'created_by',
          'after', coalesce('until ' || (present ->> 'expires_at'), 'without end'), 'details', present));
      ELSIF former ->> 'released_at' IS NULL AND present ->> 'released_at' IS NOT NULL THEN
        entries := jsonb_build_array(about || jsonb_build_object('event', 'lock-release', 'actor', present ->> 'released_by',
          'before', coalesce('until ' || (former ->> 'expires_at'), 'without end'), 'after', 'released', 'details', present));
      ELSE
        SELECT jsonb_build_array(about || jsonb_build_object('event', 'lock-change', 'actor', coalesce(present ->> 'changed_by', present ->> 'updated_by'),
            'before', string_agg(key || ' ' || coalesce(former ->> key, '-'), ', ' ORDER BY key),
            'after', string_agg(key || ' ' || coalesce(present ->> key, '-'), ', ' ORDER BY key), 'details', present))
          INTO entries
          FROM (SELECT jsonb_object_keys(present || former) AS key) keys WHERE (present -> key) IS DISTINCT FROM (former -> key);
      END IF;
      ${WRITE}
    END $$`);
  await knex.raw(`
    CREATE TRIGGER audit_lock_insert AFTER INSERT ON "lock" FOR EACH ROW EXECUTE FUNCTION audit_lock()`);
  await knex.raw(`
    CREATE TRIGGER audit_lock_update AFTER UPDATE ON "lock"
    FOR EACH ROW WHEN (to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW)) EXECUTE FUNCTION audit_lock()`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const triggers = {
    run: ['audit_run_insert', 'audit_run_update'],
    outbox: ['audit_effect_insert'],
    run_step: ['audit_skip_update'],
    gate_decision: ['audit_gate_decision'],
    gate_delegation: ['audit_gate_delegation'],
    gate: ['audit_gate_expiry'],
    '"lock"': ['audit_lock_insert', 'audit_lock_update'],
  };
  for (const [table, names] of Object.entries(triggers))
    for (const name of names)
      await knex.raw(`DROP TRIGGER ${name} ON ${table}`);
  await knex.raw(`DROP TABLE audit`);
  for (const name of ['run', 'effect', 'skip', 'gate', 'lock', 'refuse_change'])
    await knex.raw(`DROP FUNCTION audit_${name}()`);
};
