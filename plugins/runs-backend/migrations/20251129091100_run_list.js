// @ts-check

/**
 * The list of runs, newest first, under each of its filters: each index is one filter in the order of the list, so that a page of a long list
 * costs no more than one of a short list. `requested_at` finds the numbers between which a time lies.
 */
const INDEXES = {
  run_by_status: 'status, number DESC',
  run_by_kind: 'kind, number DESC',
  run_by_environment: 'environment, number DESC',
  run_by_requester: 'requested_by, number DESC',
  run_by_time: 'requested_at',
};

// Runs go on while it is built, however many there are.
exports.config = { transaction: false };

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  for (const [name, columns] of Object.entries(INDEXES)) {
    // A build that was cut short leaves an index that is never used.
    await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await knex.raw(`CREATE INDEX CONCURRENTLY ${name} ON run (${columns})`);
  }
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const name of Object.keys(INDEXES))
    await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
};
