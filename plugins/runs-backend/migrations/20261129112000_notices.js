// @ts-check

/**
 * What people are told of runs. That there is something to tell goes into the outbox, in the transaction in which it happened; from there it is
 * spread over who is to be told (`notice`), so that a system that does not answer holds up nobody but itself.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    CREATE FUNCTION notice_run() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      EXECUTE format('INSERT INTO %I.outbox (id, topic, payload) VALUES (gen_random_uuid(), ''notify-run'', $1)', TG_TABLE_SCHEMA)
        USING json_build_object('run', NEW.id, 'status', NEW.status, 'before', OLD.status, 'first', OLD.started_at IS NULL,
          'cause', coalesce(NEW.parked ->> 'message', NEW.cause), 'pausedBy', NEW.parked ->> 'pausedBy');
      RETURN NULL;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER notice_run_update AFTER UPDATE OF status ON run
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status <> 'queued') EXECUTE FUNCTION notice_run()`);

  // 'sending' with a claim that ended: whoever sent it is gone, and whether it arrived is not known.
  await knex.raw(`
    CREATE TABLE notice (
      id uuid PRIMARY KEY,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      destination text NOT NULL,
      run_id uuid,
      event text NOT NULL,
      payload json NOT NULL,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sending', 'sent', 'given-up', 'unknown')),
      attempts integer NOT NULL DEFAULT 0,
      next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      claimed_until timestamptz,
      ended_at timestamptz,
      error text
    ) WITH (fillfactor = 70)`);
  await knex.raw(
    `CREATE INDEX notice_open ON notice (destination, run_id, seq) WHERE status IN ('pending', 'sending')`,
  );
  await knex.raw(`CREATE INDEX notice_ended ON notice (ended_at)`);

  // The message of a run in a channel. 'posting_at' is written before it is posted for the first time.
  await knex.raw(`
    CREATE TABLE notice_thread (
      run_id uuid NOT NULL,
      channel text NOT NULL,
      posting_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      ts text,
      PRIMARY KEY (run_id, channel)
    )`);
  // Until when a system has asked to be left alone.
  await knex.raw(`
    CREATE TABLE notice_rest (
      system text PRIMARY KEY,
      until timestamptz NOT NULL
    )`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP TRIGGER notice_run_update ON run`);
  await knex.raw(`DROP FUNCTION notice_run()`);
  for (const table of ['notice_rest', 'notice_thread', 'notice'])
    await knex.raw(`DROP TABLE ${table}`);
};
