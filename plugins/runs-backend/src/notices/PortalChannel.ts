import { LoggerService } from '@backstage/backend-plugin-api';
import { NotificationService } from '@backstage/plugin-notifications-node';
import { ClaimedNotice, NoticeChannel, NoticeOutcome } from './types';
import { backOff } from './backOff';

const SEVERITIES: Partial<
  Record<ClaimedNotice['event'], 'critical' | 'high' | 'low'>
> = {
  'break-glass': 'critical',
  'needs-attention': 'high',
  failed: 'high',
  succeeded: 'low',
  cancelled: 'low',
};

/**
 * Tells people in the portal. A notification of the same run or gate takes the place of the one before, so that telling twice shows one.
 * Where the portal has no notifications, nobody is told, and it is said once in the log.
 */
export class PortalChannel implements NoticeChannel {
  readonly #notifications: NotificationService;
  readonly #logger: LoggerService;
  #saidThatItIsMissing = false;

  constructor(options: {
    notifications: NotificationService;
    logger: LoggerService;
  }) {
    this.#notifications = options.notifications;
    this.#logger = options.logger;
  }

  async send(notice: ClaimedNotice): Promise<NoticeOutcome> {
    const { event, runId, payload } = notice;
    const subject = event === 'waits' ? 'approval' : 'run';
    try {
      await this.#notifications.send({
        recipients: {
          type: 'entity',
          entityRef: payload.recipients ?? [],
          excludeEntityRef: payload.except,
        },
        payload: {
          title: payload.title,
          description: payload.text,
          link: payload.url,
          severity: SEVERITIES[event] ?? 'normal',
          topic: `switchyard-${event}`,
          scope: `switchyard-${subject}:${runId}`,
        },
      });
      return { status: 'sent' };
    } catch (error) {
      // The service hands the status on in words only.
      if (/status (404|501)\b/.test(String(error))) {
        if (!this.#saidThatItIsMissing)
          this.#logger.info(
            'People are not told in the portal, as it has no notifications backend',
          );
        this.#saidThatItIsMissing = true;
        return {
          status: 'given-up',
          error: 'no notifications backend',
          isExpected: true,
        };
      }
      return {
        status: 'again',
        inMs: backOff(notice.attempt),
        error: 'the notifications backend did not take it',
      };
    }
  }
}
