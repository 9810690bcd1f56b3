// @ts-check

/**
 * Where runs wait for people. What has been decided stays decided: of an approval and a rejection that come at the same time one wins, here.
 *
 * A run that waits at a gate is 'waiting' and not parked. Before its first effect it has no place in line.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    CREATE TABLE gate (
      id uuid PRIMARY KEY,
      run_id uuid NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      position integer NOT NULL,
      name text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('approval', 'pause')),
      before_step text,
      title text NOT NULL,
      rule json,
      plan_hash text NOT NULL,
      status text NOT NULL DEFAULT 'closed' CHECK (status IN ('closed', 'open', 'rejected', 'expired')),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      decided_at timestamptz,
      UNIQUE (run_id, name),
      CHECK ((kind = 'approval') = (rule IS NOT NULL))
    )`);
  await knex.raw(
    `CREATE INDEX gate_closed ON gate (run_id) WHERE status = 'closed'`,
  );
  // For approvals that are used again; by far the most hashes have no gate.
  await knex.raw(
    `CREATE INDEX gate_of_plan ON gate (plan_hash) WHERE status = 'open'`,
  );

  // One word per person and gate: nobody counts twice. 'groups' are those that the right came from, as they were at that moment.
  await knex.raw(`
    CREATE TABLE gate_decision (
      gate_id uuid NOT NULL REFERENCES gate (id) ON DELETE CASCADE,
      person text NOT NULL,
      decision text NOT NULL CHECK (decision IN ('approve', 'reject', 'open')),
      on_behalf_of text,
      groups text[] NOT NULL,
      plan_hash text NOT NULL,
      comment text,
      at timestamptz NOT NULL DEFAULT now(),
      reused_from bigint,
      PRIMARY KEY (gate_id, person)
    )`);
  await knex.raw(`
    CREATE TABLE gate_delegation (
      gate_id uuid NOT NULL REFERENCES gate (id) ON DELETE CASCADE,
      from_person text NOT NULL,
      to_person text NOT NULL,
      groups text[] NOT NULL,
      comment text,
      at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (gate_id, from_person)
    )`);

  await knex.raw(`
    CREATE FUNCTION gate_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'gate %: %', OLD.id, TG_ARGV[0];
    END $$`);
  await knex.raw(`
    CREATE TRIGGER gate_is_decided_once
    BEFORE UPDATE OF status ON gate
    FOR EACH ROW WHEN (OLD.status <> 'closed' AND NEW.status <> OLD.status)
    EXECUTE FUNCTION gate_refuse_change('it has been decided')`);
  await knex.raw(`
    CREATE TRIGGER gate_is_immutable
    BEFORE UPDATE OF id, run_id, name, kind, before_step, rule, plan_hash ON gate
    FOR EACH ROW EXECUTE FUNCTION gate_refuse_change('what it asks for never changes')`);
  // The last net under the queue: whichever statement would have it, nothing is carried out behind a closed gate.
  await knex.raw(`
    CREATE FUNCTION run_refuse_closed_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      is_closed boolean;
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I.gate WHERE run_id = $1 AND before_step IS NULL AND status <> ''open'')', TG_TABLE_SCHEMA)
        INTO is_closed USING NEW.id;
      IF is_closed THEN
        RAISE EXCEPTION 'run %: a gate before its first effect is not open', NEW.number;
      END IF;
      RETURN NEW;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER run_passes_its_gates
    BEFORE UPDATE OF status ON run
    FOR EACH ROW WHEN (NEW.status IN ('queued', 'running') AND OLD.status NOT IN ('queued', 'running'))
    EXECUTE FUNCTION run_refuse_closed_gate()`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP TRIGGER run_passes_its_gates ON run`);
  for (const table of ['gate_delegation', 'gate_decision', 'gate'])
    await knex.raw(`DROP TABLE ${table}`);
  for (const name of ['run_refuse_closed_gate', 'gate_refuse_change'])
    await knex.raw(`DROP FUNCTION ${name}()`);
};
