// @ts-check

/**
 * How long an attempt of a step usually takes at most, so that one that takes longer can be shown and counted without reading plans. Steps from
 * before, and those that the build before puts in line, have none.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`ALTER TABLE run_step ADD COLUMN expected_ms bigint`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`ALTER TABLE run_step DROP COLUMN expected_ms`);
};
