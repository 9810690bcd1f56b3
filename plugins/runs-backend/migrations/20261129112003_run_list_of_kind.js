// @ts-check

/**
 * The list of one kind of run, with what else can be asked for behind the number. PostgreSQL takes filters for independent: where a kind and an
 * environment meet nowhere it read the rows of all runs of the kind, found by the index that this one takes the place of.
 */
const NAME = 'run_list_of_kind';
const BEFORE = 'run_by_kind';

// Runs go on while it is built, however many there are.
exports.config = { transaction: false };

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // A build that was cut short leaves an index that is never used.
  await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${NAME}`);
  await knex.raw(
    `CREATE INDEX CONCURRENTLY ${NAME} ON run (kind, number DESC, environment, status, requested_by)`,
  );
  await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${BEFORE}`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${BEFORE}`);
  await knex.raw(
    `CREATE INDEX CONCURRENTLY ${BEFORE} ON run (kind, number DESC)`,
  );
  await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${NAME}`);
};
