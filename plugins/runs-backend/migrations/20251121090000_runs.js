// @ts-check

/**
 * The promises of the queue are kept here, by constraints and triggers, so that no code path can forget one:
 * one active run per key, a request is made once per requester and idempotency key, a plan never changes, an epoch only grows.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // fillfactor: lease renewals and progress change no indexed column; with room on the page they stay heap-only updates.
  // lease_until is not indexed for the same reason: open runs are few, and found by run_open.
  await knex.raw(`
    CREATE TABLE run (
      id uuid PRIMARY KEY,
      number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      kind text NOT NULL,
      plan_version integer NOT NULL,
      entity_ref text NOT NULL,
      environment text NOT NULL,
      title text NOT NULL,
      plan json NOT NULL,
      plan_hash text NOT NULL,
      reason text NOT NULL,
      requested_by text NOT NULL,
      requested_at timestamptz NOT NULL DEFAULT now(),
      idempotency_key text NOT NULL,
      request_hash text NOT NULL,
      actor text NOT NULL,
      actor_groups text[] NOT NULL,
      status text NOT NULL CHECK (status IN
        ('queued', 'waiting', 'running', 'succeeded', 'failed', 'needs-attention', 'dead', 'cancelled')),
      queued_at timestamptz NOT NULL DEFAULT now(),
      parked json,
      confirmed json,
      cause text,
      cancel_requested_by text,
      epoch integer NOT NULL DEFAULT 0,
      worker text,
      lease_until timestamptz,
      started_at timestamptz,
      finished_at timestamptz,
      revision integer NOT NULL DEFAULT 1,
      UNIQUE (requested_by, idempotency_key)
    ) WITH (fillfactor = 70)`);
  await knex.raw(`CREATE INDEX run_of_entity ON run (entity_ref, number DESC)`);
  await knex.raw(
    `CREATE INDEX run_open ON run (status) WHERE status IN ('queued', 'waiting', 'running', 'needs-attention', 'dead')`,
  );

  // The place in line. Rows exist only while a run stands in line or holds its keys.
  await knex.raw(`CREATE SEQUENCE run_key_seq`);
  await knex.raw(`
    CREATE TABLE run_key (
      run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      key text NOT NULL,
      seq bigint NOT NULL,
      active boolean NOT NULL DEFAULT false,
      PRIMARY KEY (run_id, key)
    )`);
  await knex.raw(
    `CREATE UNIQUE INDEX run_key_one_active ON run_key (key) WHERE active`,
  );
  await knex.raw(`CREATE UNIQUE INDEX run_key_line ON run_key (key, seq)`);

  await knex.raw(`
    CREATE TABLE run_step (
      run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      step_id text NOT NULL,
      position integer NOT NULL,
      title text NOT NULL,
      input_hash text NOT NULL,
      status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'running', 'retrying', 'succeeded', 'failed', 'needs-attention', 'dead', 'cancelled')),
      attempt integer NOT NULL DEFAULT 0,
      failures integer NOT NULL DEFAULT 0,
      interruptions integer NOT NULL DEFAULT 0,
      effect_started boolean NOT NULL DEFAULT false,
      reference json,
      output json,
      changes json NOT NULL DEFAULT '[]',
      progress text,
      error text,
      started_at timestamptz,
      finished_at timestamptz,
      retry_at timestamptz,
      PRIMARY KEY (run_id, step_id)
    ) WITH (fillfactor = 70)`);

  // seq is made by the executor (epoch first), so that writing the same lines twice adds nothing.
  await knex.raw(`
    CREATE TABLE run_log (
      run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      step_id text NOT NULL,
      seq bigint NOT NULL,
      at timestamptz NOT NULL,
      level text NOT NULL CHECK (level IN ('info', 'warn', 'error')),
      message text NOT NULL,
      PRIMARY KEY (run_id, step_id, seq)
    )`);

  await knex.raw(`
    CREATE TABLE outbox (
      id uuid PRIMARY KEY,
      topic text NOT NULL,
      payload json NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);

  // Named as in the architecture; quoted everywhere, as LOCK is a command.
  await knex.raw(`
    CREATE TABLE "lock" (
      id uuid PRIMARY KEY,
      entity_ref text NOT NULL,
      environment text,
      reason text NOT NULL,
      created_by text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      released_at timestamptz,
      released_by text
    )`);
  await knex.raw(
    `CREATE INDEX lock_of_entity ON "lock" (entity_ref) WHERE released_at IS NULL`,
  );

  await knex.raw(
    `CREATE TABLE setting (name text PRIMARY KEY, value text NOT NULL)`,
  );

  await knex.raw(`
    CREATE FUNCTION run_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'run %: %', OLD.number, TG_ARGV[0];
    END $$`);
  await knex.raw(`
    CREATE TRIGGER run_plan_is_immutable
    BEFORE UPDATE OF id, number, kind, plan_version, entity_ref, environment, title, plan, plan_hash, reason,
      requested_by, requested_at, idempotency_key, request_hash ON run
    FOR EACH ROW EXECUTE FUNCTION run_refuse_change('what was requested never changes')`);
  await knex.raw(`
    CREATE TRIGGER run_epoch_only_grows
    BEFORE UPDATE OF epoch ON run
    FOR EACH ROW WHEN (NEW.epoch <= OLD.epoch)
    EXECUTE FUNCTION run_refuse_change('an epoch only grows')`);
  await knex.raw(`
    CREATE TRIGGER run_end_is_final
    BEFORE UPDATE OF status ON run
    FOR EACH ROW WHEN (OLD.status IN ('succeeded', 'cancelled') AND NEW.status <> OLD.status)
    EXECUTE FUNCTION run_refuse_change('it has ended')`);

  // Rings every replica after the commit, whoever wrote. The schema tells installations in one database apart.
  // Whether somebody has just asked to cancel goes along: the worker that carries the run out listens for nothing else.
  await knex.raw(`
    CREATE FUNCTION run_ring() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      cancelled boolean := TG_OP = 'UPDATE' AND NEW.cancel_requested_by IS DISTINCT FROM OLD.cancel_requested_by;
    BEGIN
      PERFORM pg_notify('switchyard_runs', concat_ws(' ',
        TG_TABLE_SCHEMA, 'run', NEW.id, NEW.entity_ref, NEW.revision, CASE WHEN cancelled THEN 'cancel' ELSE '-' END));
      RETURN NULL;
    END $$`);
  await knex.raw(`
    CREATE FUNCTION lock_ring() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('switchyard_runs', concat_ws(' ', TG_TABLE_SCHEMA, 'lock', NEW.id, NEW.entity_ref));
      RETURN NULL;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER run_ring_insert AFTER INSERT ON run FOR EACH ROW EXECUTE FUNCTION run_ring()`);
  // Renewals of a lease leave the revision alone, and ring for nobody.
  await knex.raw(`
    CREATE TRIGGER run_ring_update AFTER UPDATE ON run
    FOR EACH ROW WHEN (OLD.revision IS DISTINCT FROM NEW.revision) EXECUTE FUNCTION run_ring()`);
  await knex.raw(`
    CREATE TRIGGER lock_ring_change AFTER INSERT OR UPDATE ON "lock" FOR EACH ROW EXECUTE FUNCTION lock_ring()`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of [
    'setting',
    '"lock"',
    'outbox',
    'run_log',
    'run_step',
    'run_key',
    'run',
  ]) {
    await knex.raw(`DROP TABLE ${table}`);
  }
  await knex.raw(`DROP SEQUENCE run_key_seq`);
  for (const name of ['lock_ring', 'run_ring', 'run_refuse_change'])
    await knex.raw(`DROP FUNCTION ${name}()`);
};
