// @ts-check

/**
 * Tickets for terminals and commands, of which only hashes are kept. All replicas share them; each is deleted by the one that takes it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('deploys_terminal_tickets', table => {
    table.string('hash', 64).primary();
    table.text('user_ref').notNullable();
    table.text('intent').notNullable();
    // Seconds since 1970 by the database's clock: those of replicas differ by more than a ticket lasts.
    table.double('expires_at').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('deploys_terminal_tickets');
};
