import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  notificationService,
  NotificationSendOptions,
} from '@backstage/plugin-notifications-node';
import { SlackDouble, startSlackServer, VerbCounts } from '@switchyard/sandbox';
import { StepFailedError } from '@switchyard/backstage-plugin-runs-node';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { anEntity, TestRunsBackend } from '../tests/startRunsBackend';
import { createKind, createPlan, ENTITY_REF, until } from '../tests/testKind';
import { TestDatabase } from '../tests/TestDatabase';
import { TestReplica } from '../tests/TestReplica';

jest.setTimeout(60_000);

const PLATFORM = 'group:default/platform';
const SECRET = 'xoxb-1234-canary';
const [DEPLOYS, STOREFRONT] = ['C0DEPLOYS01', 'C0STOREFRONT'];

/** Slack, with what the test wants to go wrong. */
async function startSlack() {
  const faults = {
    down: false,
    retryAfter: undefined as number | undefined,
    lost: [] as Array<'cut' | 'silent'>,
  };
  const slack = await startSlackServer({
    port: 0,
    token: 'xoxb-test',
    webhookSecret: 'hook',
    faults: {
      isDown: () => faults.down,
      tooManyRequests: () => faults.retryAfter,
      delayMs: () => 0,
      takeLostAnswer: () => faults.lost.shift(),
    },
    unimplemented: VerbCounts.create(),
  });
  return { slack, faults };
}

const noticesConfig = (slack: SlackDouble) => ({
  slack: { token: slack.token, apiUrl: slack.apiUrl },
  routes: [
    { name: 'all', channel: DEPLOYS, match: { environments: ['production'] } },
    {
      name: 'storefront',
      channel: STOREFRONT,
      match: { teams: ['group:default/storefront'] },
      events: ['failed'],
    },
    {
      name: 'small form',
      webhook: slack.webhookUrl,
      match: { environments: ['production'] },
    },
  ],
});

describe('telling people of runs', () => {
  let slack: SlackDouble;
  let faults: Awaited<ReturnType<typeof startSlack>>['faults'];
  let backend: TestRunsBackend;
  let portal: 'there' | 'missing' = 'there';
  let fails: string | undefined;
  const sent: NotificationSendOptions[] = [];

  beforeAll(async () => {
    ({ slack, faults } = await startSlack());
    const fail = {
      effect: 'none' as const,
      run: async () => {
        if (fails) throw new StepFailedError(fails);
        return { output: {} };
      },
    };
    backend = await TestRunsBackend.start({
      kinds: [
        createKind({ handlers: { work: fail } }),
        createKind({
          kind: 'approved',
          handlers: { work: fail },
          plan: version =>
            createPlan({ kind: 'approved', intent: { version } }),
        }),
      ],
      entities: [
        anEntity(ENTITY_REF, { ownedBy: ['group:default/storefront'] }),
        anEntity(PLATFORM, { hasMember: ['user:default/inge'] }),
        anEntity('user:default/dana', { memberOf: [PLATFORM] }),
        anEntity('user:default/inge', { memberOf: [PLATFORM] }),
      ],
      config: {
        notices: {
          ...noticesConfig(slack),
          templates: {
            failed: 'Broken: {{title}} {{version}} by {{requestedBy}}',
          },
          quiet: { environments: ['development'] },
        },
        runs: {
          approvals: [
            {
              name: 'platform',
              match: { actions: ['approved'] },
              from: { groups: [PLATFORM] },
            },
          ],
        },
      },
      features: [
        createServiceFactory({
          service: notificationService,
          deps: {},
          factory: () => ({
            send: async options => {
              if (portal === 'missing')
                throw new Error(
                  'Failed to send notifications: Error: Request failed with status 404',
                );
              sent.push(options);
            },
          }),
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await slack?.close();
  });

  beforeEach(() => {
    sent.length = 0;
    fails = undefined;
    portal = 'there';
  });

  const about = (run: any, channel: string = DEPLOYS) => {
    const root = slack
      .messages()
      .filter(
        message =>
          message.channel === channel &&
          message.metadata?.event_payload.run === run.id,
      );
    const [first] = root;
    const thread = slack
      .messages()
      .filter(({ threadTs }) => first && threadTs === first.ts);
    return { root, thread };
  };
  /** What waits for its next attempt need not wait longer. */
  const hurry = () =>
    backend.database.query(
      `UPDATE notice SET next_at = now() WHERE status = 'pending'`,
    );
  const told = (run: any) =>
    until(async () => {
      const [{ open }] = await backend.database.query(
        `SELECT (SELECT count(*) FROM notice WHERE run_id = $1 AND status IN ('pending', 'sending'))
           + (SELECT count(*) FROM outbox WHERE topic LIKE 'notify-%') AS open`,
        [run.id],
      );
      return Number(open) === 0;
    }, 30_000);
  const outcomes = async (run: any) =>
    (
      await backend.database.query(
        `SELECT destination, event, status FROM notice WHERE run_id = $1 ORDER BY seq`,
        [run.id],
      )
    ).map(
      ({ destination, event, status }) => `${destination} ${event} ${status}`,
    );

  it('tells approvers, then who asked; one message per run in Slack, with a thread', async () => {
    const run = await backend.request('dana', { action: 'approved' });
    await until(() => sent.length === 1);
    expect(sent[0]).toMatchObject({
      recipients: {
        entityRef: [PLATFORM],
        excludeEntityRef: ['user:default/dana'],
      },
      payload: {
        title: `Approval needed: Try it of orders in production (#${run.number})`,
        description: 'Needs 1 approval of platform',
        link: `https://portal.example.com/runs/${run.id}`,
        scope: `switchyard-approval:${run.id}`,
      },
    });
    await backend
      .as('inge')
      .post(`/v1/gates/${run.gates[0].id}/approve`, { planHash: run.planHash })
      .expect(200);
    await backend.reaches(run.id, 'succeeded');
    await until(() => sent.length === 2);
    expect(sent[1]).toMatchObject({
      recipients: { entityRef: ['user:default/dana'] },
      payload: {
        title: expect.stringMatching(/^Succeeded: Try it of orders/),
        severity: 'low',
        scope: `switchyard-run:${run.id}`,
      },
    });
    await told(run);
    const { root, thread } = about(run);
    expect(root).toHaveLength(1);
    expect(root[0].text).toMatch(
      /^#\d+ Try it of orders in production: Succeeded/,
    );
    expect(root[0].edits).toBeGreaterThan(0);
    expect(thread.map(({ text }) => text.split(':')[0])).toEqual([
      'Approval needed',
      'Gate',
      'Started',
      'Succeeded',
    ]);
    // The team wants to hear of failures only.
    expect(about(run, STOREFRONT).root).toEqual([]);
    expect(slack.webhookPosts()).toHaveLength(1);
  });

  it('says what failed by the template, to the team too, and shows no secret', async () => {
    fails = `refused with token=${SECRET} for https://ci:${SECRET}@git.example.com & <!channel>`;
    const run = await backend.request('dana');
    await backend.reaches(run.id, 'failed');
    await told(run);
    expect(sent.map(({ payload }) => payload.title)).toEqual([
      expect.stringMatching(/^Broken: Try it v\d+ by dana$/),
    ]);
    expect(about(run, STOREFRONT).root).toHaveLength(1);
    const everything = JSON.stringify([
      sent,
      slack.messages(),
      slack.webhookPosts(),
      await backend.database.query('SELECT payload, error FROM notice'),
    ]);
    expect(everything).not.toContain('canary');
    // Nobody can call a channel by the words of an error.
    expect(JSON.stringify(slack.messages())).not.toContain('<!channel>');
  });

  it('is quiet where it is told to be, but for what went wrong', async () => {
    const run = await backend.request('dana', { environment: 'development' });
    await backend.reaches(run.id, 'succeeded');
    await told(run);
    expect(sent).toEqual([]);
    fails = 'It broke';
    const broken = await backend.request('dana', {
      environment: 'development',
    });
    await backend.reaches(broken.id, 'failed');
    await until(() => sent.length === 1);
  });

  it('does without a portal that has no notifications', async () => {
    portal = 'missing';
    const run = await backend.request('dana');
    await backend.reaches(run.id, 'succeeded');
    await told(run);
    expect(await outcomes(run)).toContain('portal succeeded given-up');
    expect(about(run).root).toHaveLength(1);
  });

  it('holds up no run while Slack is down, and tells later', async () => {
    faults.down = true;
    const run = await backend.request('dana');
    // Although Slack is down, and the portal is told as well.
    await backend.reaches(run.id, 'succeeded');
    await until(() => sent.length === 1);
    expect(about(run).root).toEqual([]);
    // What a webhook may have got is not posted again.
    const inDoubt = 'webhook:small form succeeded unknown';
    await until(async () => (await outcomes(run)).includes(inDoubt));
    faults.down = false;
    await until(async () => {
      await hurry();
      return about(run).thread.length === 2;
    }, 30_000);
    expect(about(run).root).toHaveLength(1);
    await told(run);
    expect(await outcomes(run)).toContain(inDoubt);
  });

  it('leaves Slack alone as long as it asks', async () => {
    faults.retryAfter = 3;
    const run = await backend.request('dana');
    await backend.reaches(run.id, 'succeeded');
    await until(
      async () =>
        (
          await backend.database.query(
            'SELECT FROM notice_rest WHERE until > now()',
          )
        ).length > 0,
    );
    faults.retryAfter = undefined;
    const [{ until: end }] = await backend.database.query(
      `SELECT until FROM notice_rest WHERE system = 'slack'`,
    );
    await hurry();
    await until(() => about(run).root.length === 1, 30_000);
    expect(Number(about(run).root[0].ts) * 1000).toBeGreaterThanOrEqual(
      end.getTime() - 50,
    );
    await told(run);
    expect(about(run).root).toHaveLength(1);
  });

  it('posts once where the answer was lost', async () => {
    // The message, and later an answer in its thread.
    faults.lost.push('cut');
    let isReplyLost = false;
    const run = await backend.request('dana');
    await backend.reaches(run.id, 'succeeded');
    await until(async () => {
      await hurry();
      if (!isReplyLost && about(run).thread.length === 1) {
        isReplyLost = true;
        faults.lost.push('cut');
      }
      const [{ open }] = await backend.database.query(
        `SELECT count(*) AS open FROM notice WHERE run_id = $1 AND status IN ('pending', 'sending')`,
        [run.id],
      );
      return Number(open) === 0 && about(run).thread.length >= 2;
    }, 40_000);
    faults.lost.length = 0;
    const { root, thread } = about(run);
    expect(root).toHaveLength(1);
    expect(thread.map(({ text }) => text.split(':')[0])).toEqual([
      'Started',
      'Succeeded',
    ]);
  });
});

describe('a process that is killed after it has posted', () => {
  let database: TestDatabase;
  let replica: TestReplica;

  beforeEach(async () => {
    database = await TestDatabase.create();
    replica = await TestReplica.start({ database, working: false });
  });

  afterEach(async () => {
    await replica.stop();
    await database.drop();
  });

  const tellOf = async (run: string, more: object) =>
    database.query(
      `INSERT INTO outbox (id, topic, payload) VALUES (gen_random_uuid(), 'notify-run', $1)`,
      [JSON.stringify({ run, ...more })],
    );
  const start = (config: object) =>
    spawn(process.execPath, [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, '../tests/noticeProcess.ts'),
      database.name,
      JSON.stringify({ switchyard: { notices: config } }),
    ]);
  /** A claim that ends at once, instead of two minutes later. */
  const forsake = () =>
    database.query(
      `UPDATE notice SET claimed_until = now() - interval '1 second' WHERE status = 'sending'`,
    );

  it('has its message found by the next one; the webhook is not asked twice', async () => {
    const { slack, faults } = await startSlack();
    const config = noticesConfig(slack);
    const run = await replica.request();
    await tellOf(run, { status: 'running', first: true });
    await tellOf(run, { status: 'failed', cause: 'It broke' });
    faults.lost.push('silent', 'silent');
    const first = start(config);
    await until(
      () => slack.messages().length === 1 && slack.webhookPosts().length === 1,
      30_000,
    );
    first.kill('SIGKILL');
    await once(first, 'exit');
    faults.lost.length = 0;
    await forsake();
    const second = start(config);
    await once(second, 'exit');
    expect(slack.webhookPosts()).toHaveLength(1);
    const roots = slack
      .messages()
      .filter(({ threadTs }) => threadTs === undefined);
    expect(roots).toHaveLength(1);
    expect(
      slack
        .messages()
        .filter(({ threadTs }) => threadTs === roots[0].ts)
        .map(({ text }) => text.split(':')[0]),
    ).toEqual(['Started', 'Failed']);
    await slack.close();
  });
});
