import { createHash, randomBytes } from 'node:crypto';
import { DatabaseService } from '@backstage/backend-plugin-api';
import { Knex } from 'knex';
import { SessionIntent, TicketStore } from './TicketStore';

const TABLE = 'deploys_terminal_tickets';
const TICKET_BYTES = 32;

/** {@link TicketStore} in the plugin's database, whose tables {@link DatabaseSettingStore} has made. */
export class DatabaseTicketStore implements TicketStore {
  readonly #knex: Knex;
  /** Seconds since 1970, in SQL. */
  readonly #now: string;

  static async create(options: {
    database: DatabaseService;
  }): Promise<DatabaseTicketStore> {
    return new DatabaseTicketStore(await options.database.getClient());
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
    this.#now =
      knex.client.config.client === 'pg'
        ? 'extract(epoch from clock_timestamp())'
        : "((julianday('now') - 2440587.5) * 86400.0)";
  }

  async create(
    intent: SessionIntent,
    options: { userRef: string; lifetimeSeconds: number },
  ): Promise<string> {
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    await this.#knex(TABLE).whereRaw(`expires_at <= ${this.#now}`).delete();
    await this.#knex(TABLE).insert({
      hash: hashOf(ticket),
      user_ref: options.userRef,
      intent: JSON.stringify(intent),
      expires_at: this.#knex.raw(`${this.#now} + ?`, [options.lifetimeSeconds]),
    });
    return ticket;
  }

  async take(
    ticket: string,
    options: { userRef: string },
  ): Promise<SessionIntent | undefined> {
    // One statement: of two replicas that are shown the same ticket one gets it.
    const [row] = await this.#knex(TABLE)
      .where({ hash: hashOf(ticket), user_ref: options.userRef })
      .whereRaw(`expires_at > ${this.#now}`)
      .delete()
      .returning('intent');
    return row && JSON.parse(row.intent);
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}
