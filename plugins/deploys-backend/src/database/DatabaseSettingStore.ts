import {
  DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { Knex } from 'knex';
import { SettingStore } from './SettingStore';

const TABLE = 'deploys_settings';

/** {@link SettingStore} in the plugin's database. */
export class DatabaseSettingStore implements SettingStore {
  readonly #knex: Knex;

  static async create(options: {
    database: DatabaseService;
  }): Promise<DatabaseSettingStore> {
    const { database } = options;
    const knex = await database.getClient();
    if (!database.migrations?.skip) {
      await knex.migrate.latest({
        directory: resolvePackagePath(
          '@switchyard/backstage-plugin-deploys-backend',
          'migrations',
        ),
      });
    }
    return new DatabaseSettingStore(knex);
  }

  private constructor(knex: Knex) {
    this.#knex = knex;
  }

  async getOrCreate(name: string, create: () => string): Promise<string> {
    // Of several replicas that start together one wins, and all read what it wrote.
    await this.#knex(TABLE)
      .insert({ name, value: create() })
      .onConflict('name')
      .ignore();
    const row = await this.#knex(TABLE).where({ name }).first('value');
    return row.value;
  }
}
