// @ts-check

/**
 * The list of runs, newest first, under pairs of its filters. A component and a person have few runs among all: their indexes carry what else can be
 * asked for behind the number, so that a second filter is looked at in the index and costs no visit of a row. Of states, kinds and environments each
 * pair has an index in the order of the list, since both may be common and their meeting rare.
 */
const INDEXES = {
  run_list_of_entity:
    'entity_ref, number DESC, status, kind, environment, requested_by',
  run_list_of_requester: 'requested_by, number DESC, status, kind, environment',
  run_list_by_status_kind: 'status, kind, number DESC, environment',
  run_list_by_status_environment: 'status, environment, number DESC',
  run_list_by_kind_environment: 'kind, environment, number DESC',
};

/**
 * Rows that change a few times and then never again. By PostgreSQL's own measure a fifth of a table may be dead before it is swept: with a long history
 * that would be more than all that is alive at any time.
 */
const SWEPT = ['run', 'run_step', 'run_key', 'outbox'];

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
  for (const table of SWEPT)
    await knex.raw(
      `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000)`,
    );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of SWEPT)
    await knex.raw(
      `ALTER TABLE ${table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)`,
    );
  for (const name of Object.keys(INDEXES))
    await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
};
