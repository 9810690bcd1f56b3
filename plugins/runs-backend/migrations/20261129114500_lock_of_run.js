// @ts-check

/**
 * Locks that runs set: a rollback holds its target. One per run, so that a worker that takes over sets no second one.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(
    `ALTER TABLE "lock" ADD COLUMN run_id uuid REFERENCES run (id) ON DELETE SET NULL`,
  );
  await knex.raw(
    `CREATE UNIQUE INDEX lock_of_run ON "lock" (run_id) WHERE run_id IS NOT NULL`,
  );
};

/**
 * They stay as locks of people.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP INDEX lock_of_run`);
  await knex.raw(`ALTER TABLE "lock" DROP COLUMN run_id`);
};
