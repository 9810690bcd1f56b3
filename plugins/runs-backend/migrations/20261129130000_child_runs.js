// @ts-check

/**
 * Runs that other runs ask for. A parent that waits for them has no worker; whichever statement ends a child puts it in line again, here, so that no
 * code path can forget it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // child_ended: a child has ended since the parent was claimed. It may end between the parent's look at it and the parent's decision to wait.
  await knex.raw(`
    ALTER TABLE run
      ADD COLUMN parent_run uuid,
      ADD COLUMN child_id text,
      ADD COLUMN child_wish text,
      ADD COLUMN waits_for_children boolean NOT NULL DEFAULT false,
      ADD COLUMN child_ended boolean NOT NULL DEFAULT false,
      ADD CONSTRAINT run_is_a_child CHECK ((parent_run IS NULL) = (child_id IS NULL))`);
  await knex.raw(
    `CREATE INDEX run_of_parent ON run (parent_run, child_id, number DESC) WHERE parent_run IS NOT NULL`,
  );
  await knex.raw(`
    CREATE TRIGGER run_parent_is_immutable
    BEFORE UPDATE OF parent_run, child_id ON run
    FOR EACH ROW EXECUTE FUNCTION run_refuse_change('what was requested never changes')`);
  // The parent's page shows its children: whatever becomes of one of them is news there.
  await knex.raw(`
    CREATE FUNCTION run_tell_parent() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      ended boolean := NEW.status IN ('succeeded', 'failed', 'cancelled', 'dead', 'needs-attention');
    BEGIN
      EXECUTE format('UPDATE %I.run SET revision = revision + 1, child_ended = child_ended OR $2,
          status = CASE WHEN $2 AND status = ''waiting'' AND waits_for_children THEN ''queued'' ELSE status END,
          queued_at = CASE WHEN $2 AND status = ''waiting'' AND waits_for_children THEN clock_timestamp() ELSE queued_at END,
          waits_for_children = waits_for_children AND NOT $2
        WHERE id = $1', TG_TABLE_SCHEMA) USING NEW.parent_run, ended;
      RETURN NULL;
    END $$`);
  await knex.raw(`
    CREATE TRIGGER run_tell_parent_of_new AFTER INSERT ON run
    FOR EACH ROW WHEN (NEW.parent_run IS NOT NULL) EXECUTE FUNCTION run_tell_parent()`);
  await knex.raw(`
    CREATE TRIGGER run_tell_parent_of_change AFTER UPDATE OF status ON run
    FOR EACH ROW WHEN (NEW.parent_run IS NOT NULL AND NEW.status IS DISTINCT FROM OLD.status) EXECUTE FUNCTION run_tell_parent()`);
  // No wake-up can be put in line from here, as the schema of the wake-ups is not known: whoever listens looks at once, and the sweeper is behind it.
  await setRing(
    knex,
    `WHEN TG_OP = 'UPDATE' AND NEW.status = 'queued' AND (OLD.waits_for_children OR OLD.status = 'running') THEN 'look'`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // Nobody would wake it: it stands in line again.
  await knex.raw(
    `UPDATE run SET status = 'queued', waits_for_children = false WHERE status = 'waiting' AND waits_for_children`,
  );
  await setRing(knex, '');
  for (const name of [
    'run_tell_parent_of_change',
    'run_tell_parent_of_new',
    'run_parent_is_immutable',
  ])
    await knex.raw(`DROP TRIGGER ${name} ON run`);
  await knex.raw(`DROP FUNCTION run_tell_parent()`);
  await knex.raw(
    `ALTER TABLE run DROP CONSTRAINT run_is_a_child, DROP COLUMN parent_run, DROP COLUMN child_id, DROP COLUMN child_wish,
       DROP COLUMN waits_for_children, DROP COLUMN child_ended`,
  );
};

/**
 * @param {import('knex').Knex} knex
 * @param {string} more
 */
async function setRing(knex, more) {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION run_ring() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      asked boolean := TG_OP = 'UPDATE' AND
        (NEW.cancel_requested_by, NEW.pause_requested_by) IS DISTINCT FROM (OLD.cancel_requested_by, OLD.pause_requested_by);
    BEGIN
      PERFORM pg_notify('switchyard_runs', concat_ws(' ',
        TG_TABLE_SCHEMA, 'run', NEW.id, NEW.entity_ref, NEW.revision, CASE WHEN asked THEN 'cancel' ${more} ELSE '-' END));
      RETURN NULL;
    END $$`);
}
