import { AuditorService } from '@backstage/backend-plugin-api';
import { JsonObject } from '@backstage/types';
import { runsAuditEvents } from '@switchyard/backstage-plugin-runs-common';
import { OutboxStore } from '../database/OutboxStore';

const BATCH = 50;

/**
 * Brings what runs have done to the auditor. It was written with the effect's record; a crash in between may tell of it twice, never not at all.
 */
export class EffectAuditor {
  readonly #store: OutboxStore;
  readonly #auditor: AuditorService;

  constructor(options: { store: OutboxStore; auditor: AuditorService }) {
    this.#store = options.store;
    this.#auditor = options.auditor;
  }

  /** @throws when the database cannot be reached */
  async drain(): Promise<void> {
    let told: number;
    do {
      told = await this.#store.drain(BATCH, record =>
        this.#tell(record.payload),
      );
    } while (told === BATCH);
  }

  async #tell(payload: JsonObject): Promise<void> {
    const event = await this.#auditor.createEvent({
      eventId: runsAuditEvents.runEffect,
      severityLevel: 'medium',
      meta: { actionType: 'effect', ...payload },
    });
    await event.success();
  }
}
