// @ts-check

/**
 * PostgreSQL takes the filters of the list for independent. Where two that are common each meet nowhere, it expects to find a page soon by reading
 * backwards from the newest run, and reads to the end. With what it counts here it knows how many runs a pair has. Counted by ANALYZE, which
 * autovacuum does by itself.
 */
const NAME = 'run_list_pairs';

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(
    `CREATE STATISTICS ${NAME} (mcv) ON kind, environment, status FROM run`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`DROP STATISTICS IF EXISTS ${NAME}`);
};
