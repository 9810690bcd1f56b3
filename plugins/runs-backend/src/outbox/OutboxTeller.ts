import { AuditorService } from '@backstage/backend-plugin-api';
import { JsonObject } from '@backstage/types';
import { runsAuditEvents } from '@switchyard/backstage-plugin-runs-common';
import { OutboxPart, OutboxStore } from '../database/OutboxStore';
import { OutboxRecord } from '../database/types';

const BATCH = 50;

/**
 * Brings what has happened without a request to the auditor: effects, emergency passes that are used, and gates and locks that expired. It was written with the record of it; a crash in
 * between may tell of it twice, never not at all.
 */
export class OutboxTeller {
  readonly #store: OutboxStore;
  readonly #which: OutboxPart | undefined;
  readonly #auditor: AuditorService;

  constructor(options: {
    store: OutboxStore;
    /** Default: all, so that what nobody takes does not pile up. */
    which?: OutboxPart;
    auditor: AuditorService;
  }) {
    this.#store = options.store;
    this.#which = options.which;
    this.#auditor = options.auditor;
  }

  /** @throws when the database cannot be reached */
  async drain(): Promise<void> {
    let told: number;
    do {
      told = await this.#store.drain(
        BATCH,
        record => this.#tell(record),
        this.#which,
      );
    } while (told === BATCH);
  }

  async #tell({ topic, payload }: OutboxRecord): Promise<void> {
    switch (topic) {
      case 'audit-effect':
        return this.#audit(runsAuditEvents.runEffect, {
          actionType: 'effect',
          ...payload,
        });
      case 'audit-gate':
        return this.#audit(runsAuditEvents.runGate, {
          actionType: 'expire',
          ...payload,
        });
      case 'audit-lock':
        return this.#audit(runsAuditEvents.lockExpire, {
          actionType: 'expire',
          ...payload,
        });
      case 'audit-break-glass':
        return this.#audit(runsAuditEvents.runBreakGlass, {
          actionType: 'use',
          ...payload,
        });
      default:
        return undefined;
    }
  }

  async #audit(eventId: string, meta: JsonObject): Promise<void> {
    const event = await this.#auditor.createEvent({
      eventId,
      severityLevel: 'medium',
      meta,
    });
    await event.success();
  }
}
