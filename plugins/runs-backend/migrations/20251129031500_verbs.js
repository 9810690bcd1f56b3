// @ts-check

/**
 * What people may do with a run besides cancelling it: hold it, go on without a step, give it up, ask for the same again, replace it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    ALTER TABLE run
      ADD COLUMN pause_requested_by text,
      ADD COLUMN discarded json,
      ADD COLUMN input json,
      ADD COLUMN forked_from uuid,
      ADD COLUMN replaces uuid,
      ADD COLUMN replaced_by uuid`);
  await knex.raw(`
    CREATE TRIGGER run_request_is_immutable
    BEFORE UPDATE OF input, forked_from, replaces ON run
    FOR EACH ROW EXECUTE FUNCTION run_refuse_change('what was requested never changes')`);
  await knex.raw(`ALTER TABLE run_step ADD COLUMN skipped json`);
  await setStepStatuses(knex, ", 'skipped'");
  // The worker that carries the run out looks again when somebody wants it cancelled, held, or no longer held.
  await setRing(
    knex,
    `(NEW.cancel_requested_by, NEW.pause_requested_by) IS DISTINCT FROM (OLD.cancel_requested_by, OLD.pause_requested_by)`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await setRing(
    knex,
    `NEW.cancel_requested_by IS DISTINCT FROM OLD.cancel_requested_by`,
  );
  // Without the word, the nearest that was there before: it did nothing, and nothing waits for it.
  await knex.raw(
    `UPDATE run_step SET status = 'succeeded' WHERE status = 'skipped'`,
  );
  await setStepStatuses(knex, '');
  await knex.raw(`ALTER TABLE run_step DROP COLUMN skipped`);
  await knex.raw(`DROP TRIGGER run_request_is_immutable ON run`);
  await knex.raw(
    `ALTER TABLE run DROP COLUMN pause_requested_by, DROP COLUMN discarded, DROP COLUMN input, DROP COLUMN forked_from,
       DROP COLUMN replaces, DROP COLUMN replaced_by`,
  );
};

/**
 * @param {import('knex').Knex} knex
 * @param {string} more
 */
async function setStepStatuses(knex, more) {
  await knex.raw(`ALTER TABLE run_step DROP CONSTRAINT run_step_status_check`);
  await knex.raw(`
    ALTER TABLE run_step ADD CONSTRAINT run_step_status_check CHECK (status IN
      ('pending', 'running', 'retrying', 'succeeded', 'failed', 'needs-attention', 'dead', 'cancelled'${more}))`);
}

/**
 * @param {import('knex').Knex} knex
 * @param {string} condition
 */
async function setRing(knex, condition) {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION run_ring() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      asked boolean := TG_OP = 'UPDATE' AND ${condition};
    BEGIN
      PERFORM pg_notify('switchyard_runs', concat_ws(' ',
        TG_TABLE_SCHEMA, 'run', NEW.id, NEW.entity_ref, NEW.revision, CASE WHEN asked THEN 'cancel' ELSE '-' END));
      RETURN NULL;
    END $$`);
}
