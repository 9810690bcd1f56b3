// Who may do what, where, and why not: the whole table over HTTP, each person signed in for real; and the page that shows it. Makes pictures of the docs.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  launchBrowser,
  reasonToSkip,
  signIn,
} from '../../../scripts/testing/browser.mjs';
import { startPortal, until } from '../../../scripts/testing/portal.mjs';
import { checkScreen } from '../../../scripts/testing/screens.mjs';

/**
 * What is expected, stated apart from the code and its config: what each person is to the two components. `owns`: in the team that owns them;
 * `locks`: may lock what the team owns; `all`: may do everything everywhere; nobody else does anything.
 */
const PEOPLE: Record<string, { owns?: true; locks?: true; all?: true }> = {
  dana: { owns: true },
  omar: { owns: true, locks: true },
  ravi: {},
  inge: { all: true },
  aude: {},
  guest: {},
};

const COMPONENTS = ['orders', 'payments'];
const CRITICAL = 'payments';
const ENVIRONMENTS = ['production', 'development'];

interface Kind {
  /** What is asked for; without it only those who may not are tried. */
  input?(component: string): object;
  /** Whether two people must agree to it on a critical component in production. */
  approvals?: true;
  /** Whether it makes sense only in some states of a component: it need not be offered. */
  sometimes?: true;
}

/** One row per kind of run that the portal may know. A kind without a row fails. */
const KINDS: Record<string, Kind> = {
  hotfix: {
    input: component => ({
      version: component === CRITICAL ? 'v4.1.11' : 'v5.3.25',
    }),
    approvals: true,
  },
  sync: { input: () => ({}) },
  restart: { input: () => ({}) },
  scale: { input: () => ({ replicas: 2 }) },
  rollback: { sometimes: true },
  resume: { sometimes: true },
  terminate: { sometimes: true },
  override: { sometimes: true },
  'remove-override': { sometimes: true },
  migrate: { sometimes: true },
  promote: { sometimes: true },
  'abort-rollout': { sometimes: true },
  'retry-rollout': { sometimes: true },
  'pause-rollout': { sometimes: true },
  'resume-rollout': { sometimes: true },
  'continue-canary': { sometimes: true },
  // Of a system only: of a component it makes no sense, and those who may not are told so first.
  release: { sometimes: true },
  'application-create': { sometimes: true },
};

/** Setting a lock: no run, and everywhere possible. */
const LOCKING: Kind = {};

interface SetLock {
  by: string;
  kind: 'lock' | 'freeze' | 'warning';
  /** Everywhere without one. */
  environment?: string;
  /** Whether it is on the whole environment instead of the components. */
  whole?: true;
}

/** What is locked while the table is gone through. */
const LOCKS: Array<SetLock | undefined> = [
  undefined,
  { by: 'inge', kind: 'lock', environment: 'production' },
  { by: 'omar', kind: 'lock' },
  { by: 'inge', kind: 'freeze', environment: 'production', whole: true },
  { by: 'omar', kind: 'warning' },
];

interface Cell {
  person: string;
  component: string;
  environment: string;
  action: string;
  lock?: SetLock;
}

/** The types of what stands in the way, and how many must agree. */
function expected({ person, component, environment, action, lock }: Cell) {
  const { owns, locks, all } = PEOPLE[person];
  const may = all || (owns && (action !== 'lock' || locks));
  const binds =
    lock &&
    lock.kind !== 'warning' &&
    action !== 'lock' &&
    // A freeze lets not even its holder deploy.
    (lock.kind === 'freeze' || lock.by !== person) &&
    (lock.environment ?? environment) === environment;
  const approved =
    action !== 'lock' &&
    KINDS[action].approvals &&
    component === CRITICAL &&
    environment === 'production';
  return {
    blockers: [...(may ? [] : ['permission']), ...(binds ? [lock.kind] : [])],
    approvals: approved ? 2 : 0,
  };
}

const refOf = (component: string) => `component:default/${component}`;
const toTarget = (component: string) => ({ entityRef: refOf(component) });
const nameOf = (cell: Cell) =>
  `${cell.person} ${cell.action} ${cell.component} ${cell.environment}`;

describe('what people may do', () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  /** Those that the portal knows. */
  let kinds: string[] = [];

  before(async () => {
    portal = await startPortal();
  });
  after(async () => {
    await portal?.stop();
  });

  const whyNot = async (person: string, component: string, query = '') =>
    portal.call(
      person,
      'GET',
      `/runs/v1/entities/component/default/${component}/why-not${query}`,
    );
  const setLock = async ({ by, whole, ...lock }: SetLock) =>
    Promise.all(
      (whole ? [{ scope: 'environment' }] : COMPONENTS.map(toTarget)).map(
        async target => {
          const { status, body } = await portal.call(
            by,
            'POST',
            '/runs/v1/locks',
            {
              body: { ...target, ...lock, reason: 'The table is gone through' },
            },
          );
          assert.equal(status, 201, JSON.stringify(body));
          return body.id as string;
        },
      ),
    );
  const release = async (by: string, ids: string[]) => {
    for (const id of ids)
      assert.equal(
        (await portal.call(by, 'POST', `/runs/v1/locks/${id}/release`)).status,
        200,
      );
  };
  /** Asks for the run with the hash of no plan: what is refused is refused, and what is allowed changes nothing. */
  const request = (cell: Cell) =>
    portal.call(cell.person, 'POST', '/runs/v1/runs', {
      body: {
        action: cell.action,
        entityRef: refOf(cell.component),
        environment: cell.environment,
        input: KINDS[cell.action].input?.(cell.component) ?? {},
        reason: 'The table is gone through',
        planHash: '0'.repeat(64),
      },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });

  test('every kind of run has a row in this table', async () => {
    const { body } = await portal.call('dana', 'GET', '/runs/v1/kinds');
    kinds = body.items.map(({ kind }: { kind: string }) => kind);
    assert.ok(kinds.length >= 4, kinds.join());
    assert.deepEqual(
      kinds.filter(kind => !KINDS[kind]),
      [],
    );
  });

  for (const lock of LOCKS) {
    const state = lock
      ? `${lock.kind} of ${lock.by} in ${
          lock.environment ?? 'all environments'
        }`
      : 'no lock';
    test(`people × actions × components × environments: ${state}`, async () => {
      // The clusters have been read when everything can be done that makes sense.
      await until(async () => {
        const { body } = await whyNot('inge', CRITICAL);
        return body.items?.every((each: any) =>
          each.blockers.every(
            ({ type }: any) => type !== 'source-not-readable',
          ),
        );
      }, 60_000);
      const ids = lock ? await setLock(lock) : [];
      const wrong: string[] = [];
      let cells = 0;
      for (const person of Object.keys(PEOPLE)) {
        for (const component of COMPONENTS) {
          const { status, body } = await whyNot(person, component);
          assert.equal(status, 200, JSON.stringify(body));
          for (const action of [...kinds, 'lock']) {
            for (const environment of ENVIRONMENTS) {
              const cell = { person, component, environment, action, lock };
              const { blockers, approvals } = expected(cell);
              const found = body.items.find(
                (each: any) =>
                  each.action === action && each.environment === environment,
              );
              cells += 1;
              const told = found && {
                allowed: found.allowed,
                blockers: found.blockers.map((each: any) => each.type),
                approvals: found.approvals[0]?.missing ?? 0,
              };
              const { input, sometimes } =
                action === 'lock' ? LOCKING : KINDS[action];
              const right = {
                allowed: blockers.length === 0,
                blockers,
                approvals,
              };
              // What else stands in its way depends on the state of the component.
              const isTold = sometimes
                ? !found || blockers.every(type => told.blockers.includes(type))
                : JSON.stringify(told) === JSON.stringify(right);
              if (!isTold)
                wrong.push(
                  `${nameOf(cell)}: ${JSON.stringify(
                    told,
                  )} instead of ${JSON.stringify(right)}`,
                );
              if (action === 'lock' || (!input && blockers.length === 0))
                continue;
              const answer = await request(cell);
              // Whether there is anything to do is for the plan to say, not for this table.
              const types = (answer.body.error?.blockers ?? [])
                .map((each: any) => each.type)
                .filter((type: string) => type !== 'plan-problem');
              const isRight = blockers.includes('permission')
                ? answer.status === 403
                : !input ||
                  (answer.status === 409 &&
                    JSON.stringify(types) ===
                      JSON.stringify([...blockers, 'plan-changed']));
              if (!isRight)
                wrong.push(
                  `${nameOf(cell)}: the request was answered ${
                    answer.status
                  } ${JSON.stringify(answer.body).slice(0, 300)}`,
                );
            }
          }
        }
      }
      if (lock) await release(lock.by, ids);
      assert.deepEqual(wrong, []);
      assert.equal(
        cells,
        Object.keys(PEOPLE).length *
          COMPONENTS.length *
          ENVIRONMENTS.length *
          (kinds.length + 1),
      );
    });
  }

  test('nothing of it has made a run, and whoever is not signed in learns nothing', async () => {
    const { body } = await portal.call('inge', 'GET', '/runs/v1/runs');
    assert.deepEqual(body.items, []);
    assert.equal((await whyNot('', 'orders')).status, 401);
  });

  describe('on their page', { skip: reasonToSkip() }, () => {
    let browser: Awaited<ReturnType<typeof launchBrowser>>;

    before(async () => {
      browser = await launchBrowser();
    });
    after(async () => {
      await browser?.close();
    });

    test('a developer comes from the tab Deploy, and reads who must agree and who has locked', async () => {
      const ids = await setLock({
        by: 'inge',
        kind: 'lock',
        environment: 'development',
      });
      const dana = await signIn(
        browser,
        `${portal.url}/catalog/default/component/payments/deploy`,
        'dana',
      );
      await dana
        .getByRole('link', { name: 'What may I do here, and why?' })
        .click();
      await dana.waitForURL(/\/runs\/rights\?entity=/);
      const table = dana.getByRole('table', { name: /What you may do with/ });
      const cell = (action: string, column: number) =>
        table
          .getByRole('row')
          .filter({ has: dana.getByRole('rowheader', { name: action }) })
          .getByRole('cell')
          .nth(column);
      await cell('Hotfix', 0).getByText('Needs approval').waitFor();
      await cell('Hotfix', 0)
        .getByText(/2 people of/)
        .waitFor();
      await cell('Hotfix', 1)
        .getByText('Locked by inge: The table is gone through')
        .waitFor();
      await cell('Sync', 0).getByText('Allowed', { exact: true }).waitFor();
      await cell('Lock', 0).getByText('Not allowed for you').waitFor();
      await checkScreen(dana, 'rights', {
        show: () => cell('Hotfix', 0).getByText('Needs approval').waitFor(),
      });
      // Lifted elsewhere: the page follows.
      await release('inge', ids);
      await cell('Hotfix', 1).getByText('Allowed', { exact: true }).waitFor();
      assert.deepEqual((dana as any).problems, []);
      await dana.context().close();
    });

    test('an auditor reads that nothing is, and whom to ask; and looks at another component by its name', async () => {
      const aude = await signIn(browser, `${portal.url}/runs`, 'aude');
      await aude.getByRole('link', { name: 'What may I do' }).click();
      const general = aude.getByRole('table', { name: 'What you may do' });
      await general.getByText('Not allowed for you').first().waitFor();
      assert.equal(await general.getByText('On every component').count(), 0);
      await aude.getByLabel('Component').fill('orders');
      await aude.getByRole('button', { name: 'Show' }).click();
      const table = aude.getByRole('table', { name: /What you may do with/ });
      await table.getByText('Not allowed for you').first().waitFor();
      await table.getByText(/^Ask/).first().waitFor();
      await aude.context().close();

      const omar = await signIn(browser, `${portal.url}/runs/rights`, 'omar');
      const owned = omar.getByRole('table', { name: 'What you may do' });
      await owned.getByText('On some components').first().waitFor();
      await checkScreen(omar, 'rights-at-all', {
        show: () => owned.getByText('On some components').first().waitFor(),
      });
      await omar.context().close();
    });
  });
});
