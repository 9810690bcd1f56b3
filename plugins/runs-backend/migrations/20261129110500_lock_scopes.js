// @ts-check

/**
 * Locks of more than components, of kinds, from a time on and by a schedule. Those that exist stay what they are: locks of components that let
 * their holder deploy.
 *
 * `entity_ref` keeps telling what a lock binds, so that a replica of the build before looks in the same place: the full ref of a component or
 * system, or a word that is no entity ref ('platform', 'cluster:blue'). Such a replica takes a warning, or a freeze that is open now, for a lock: it
 * errs towards no.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    ALTER TABLE "lock"
      ADD COLUMN scope text NOT NULL DEFAULT 'component'
        CHECK (scope IN ('platform', 'environment', 'cluster', 'system', 'component')),
      ADD COLUMN cluster text,
      ADD COLUMN kind text NOT NULL DEFAULT 'lock' CHECK (kind IN ('lock', 'warning', 'freeze')),
      ADD COLUMN held_by text,
      ADD COLUMN holder_may_deploy boolean NOT NULL DEFAULT true,
      ADD COLUMN incident text,
      ADD COLUMN starts_at timestamptz,
      ADD COLUMN schedule json,
      ADD COLUMN release_reason text`);
  // For the list of what binds, and for what puts away those that have expired.
  await knex.raw(
    `CREATE INDEX lock_standing ON "lock" (created_at) WHERE released_at IS NULL`,
  );
  await knex.raw(
    `CREATE INDEX lock_expiring ON "lock" (expires_at) WHERE released_at IS NULL AND expires_at IS NOT NULL`,
  );
};

/**
 * A component lock is all that the build before knows: the others end, rather than bind something else.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP INDEX lock_expiring`);
  await knex.raw(`DROP INDEX lock_standing`);
  await knex.raw(
    `DELETE FROM "lock" WHERE scope <> 'component' OR kind = 'warning' OR starts_at > now() OR schedule IS NOT NULL`,
  );
  await knex.raw(`
    ALTER TABLE "lock"
      DROP COLUMN scope, DROP COLUMN cluster, DROP COLUMN kind, DROP COLUMN held_by, DROP COLUMN holder_may_deploy,
      DROP COLUMN incident, DROP COLUMN starts_at, DROP COLUMN schedule, DROP COLUMN release_reason`);
};
