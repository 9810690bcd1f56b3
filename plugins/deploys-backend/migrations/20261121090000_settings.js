// @ts-check

/**
 * Settings that replicas must agree on, such as the secret of the signal channels' names.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('deploys_settings', table => {
    table.string('name', 100).primary();
    table.text('value').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('deploys_settings');
};
