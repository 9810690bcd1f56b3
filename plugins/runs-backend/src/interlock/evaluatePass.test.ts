import { BlockerType } from '@switchyard/backstage-plugin-runs-common';
import { Fact } from '@switchyard/backstage-plugin-runs-node';
import { BindingLock } from '../locks/matchLocks';
import { evaluate, InterlockInput } from './evaluate';

const ORDERS = 'component:default/orders';
const APPLICATION = 'Application argocd/orders-blue';
const noon = new Date('2026-01-01T12:00:00Z');

const lock = (more: Partial<BindingLock>): BindingLock => ({
  id: 'l1',
  scope: 'component',
  kind: 'lock',
  entityRef: ORDERS,
  reason: 'Stock-taking',
  createdBy: 'user:default/omar',
  holder: 'user:default/omar',
  holderMayDeploy: true,
  createdAt: new Date('2026-01-01T10:00:00Z'),
  readAt: noon,
  ...more,
});
const facts = (...told: Fact[]): InterlockInput['facts'] => [
  {
    sourceId: 'deploys',
    reading: { state: 'read', asOf: noon.toISOString(), facts: told },
  },
];
const locked = (...value: BindingLock[]): Partial<InterlockInput> => ({
  locks: { state: 'read', value },
});
/** Frozen from 11 to 13 o'clock each day. */
const daily: BindingLock['schedule'] = {
  mode: 'deny',
  rule: 'FREQ=DAILY',
  start: '2026-01-01T11:00:00',
  durationMinutes: 120,
  timeZone: 'UTC',
};
/** Open from 14 to 15 o'clock each day. */
const opening: BindingLock['schedule'] = {
  ...daily,
  mode: 'allow',
  start: '2026-01-01T14:00:00',
  durationMinutes: 60,
};
const finding: Fact = {
  type: 'finding',
  id: 'no-probe',
  title: 'No readiness probe',
  severity: 'error',
  what: 'A pod without one gets traffic too early',
  where: 'Deployment orders',
};
const missing = {
  name: 'production',
  title: 'Needs 1 approval of platform',
  needed: 1,
  from: ['group:default/platform'],
  given: [],
  missing: 1,
  missingRequired: [],
  void: [],
};

const input = (
  more: Partial<InterlockInput>,
  pass: Partial<NonNullable<InterlockInput['pass']>> = {},
): InterlockInput => ({
  action: 'hotfix',
  target: { entityRef: ORDERS, environment: 'production' },
  actor: 'user:default/dana',
  owners: [],
  locks: { state: 'read', value: [] },
  facts: [],
  findings: { error: 'block', warning: 'warn', info: 'ignore' },
  entityExists: { state: 'read', value: true },
  standing: { exists: true, lostGroups: [] },
  plan: { problems: [], warnings: [] },
  ...more,
  pass: { planHash: 'h', for: 'h', lockIds: ['l1'], lifts: [], ...pass },
});
const typesOf = (blockers: Array<{ type: BlockerType }> = []) =>
  blockers.map(({ type }) => type);

describe('an emergency pass', () => {
  it.each<[string, Partial<InterlockInput>, BlockerType[]]>([
    ['a lock', locked(lock({})), ['lock']],
    ['a freeze', locked(lock({ kind: 'freeze' })), ['freeze']],
    [
      'a freeze of the platform',
      locked(lock({ kind: 'freeze', scope: 'platform', entityRef: undefined })),
      ['freeze'],
    ],
    [
      'a freeze by a schedule',
      locked(lock({ kind: 'freeze', schedule: daily })),
      ['freeze'],
    ],
    [
      'a lock on what deploys the same, although the run is not told which',
      {
        ...locked(lock({ entityRef: 'component:default/web' })),
        facts: facts({
          type: 'shared-target',
          ref: APPLICATION,
          entityRef: 'component:default/web',
        }),
      },
      ['lock'],
    ],
  ])('that names it passes %s', (_, standing, passed) => {
    const verdict = evaluate(input(standing));
    expect(verdict.allowed).toBe(true);
    expect(typesOf(verdict.passed)).toEqual(passed);
  });

  it.each<[string, Partial<InterlockInput>, BlockerType[]]>([
    ['a lock that it does not name', locked(lock({ id: 'new' })), ['lock']],
    [
      'a second lock besides the one that it names',
      locked(lock({}), lock({ id: 'new', kind: 'freeze' })),
      ['freeze'],
    ],
    [
      'locks that cannot be read',
      { locks: { state: 'not-readable', why: 'The database is down.' } },
      ['source-not-readable'],
    ],
    [
      'a sync window',
      {
        facts: facts({
          type: 'sync-window',
          ref: APPLICATION,
          open: false,
          why: 'closed',
        }),
      },
      ['sync-window'],
    ],
    [
      'a target that does not agree',
      {
        facts: facts({
          type: 'consent',
          ref: APPLICATION,
          given: false,
          why: 'names nobody',
        }),
      },
      ['consent'],
    ],
    [
      'a source that cannot be read',
      {
        facts: [
          {
            sourceId: 'windows',
            reading: { state: 'not-readable', why: 'down' },
          },
        ],
      },
      ['source-not-readable'],
    ],
    [
      'a person without the right',
      { permission: { allowed: false, why: 'not yours' } },
      ['permission'],
    ],
    [
      'a person who is gone',
      { standing: { exists: false, lostGroups: [] } },
      ['requester'],
    ],
    [
      'another plan than the one that was shown',
      { plan: { problems: [], warnings: [], changed: true } },
      ['plan-changed'],
    ],
    [
      'a finding, unless it is to lift findings',
      { facts: facts(finding) },
      ['finding'],
    ],
    [
      'a missing approval, unless it is to lift approvals',
      {
        approvals: {
          state: 'read',
          value: { states: [missing], due: true, notAsked: [] },
        },
      },
      ['approval'],
    ],
  ])('does not pass %s', (_, standing, left) => {
    const verdict = evaluate(input(standing));
    expect(verdict.allowed).toBe(false);
    expect(typesOf(verdict.blockers)).toEqual(left);
  });

  it('is worth nothing for another plan', () => {
    const verdict = evaluate(input(locked(lock({})), { for: 'other' }));
    expect(verdict.allowed).toBe(false);
    expect(verdict.passed).toBeUndefined();
  });

  it('lifts approvals and findings where the config says so', () => {
    const verdict = evaluate(
      input(
        {
          facts: facts(finding),
          approvals: {
            state: 'read',
            value: { states: [missing], due: true, notAsked: [missing] },
          },
        },
        { lifts: ['approvals', 'findings'] },
      ),
    );
    expect(verdict.allowed).toBe(true);
    expect(typesOf(verdict.passed)).toEqual([
      'finding',
      'approval',
      'approval',
    ]);
  });

  it('never lifts locks by what it lifts besides', () => {
    const verdict = evaluate(
      input(locked(lock({})), {
        lockIds: [],
        lifts: ['approvals', 'findings'],
      }),
    );
    expect(typesOf(verdict.blockers)).toEqual(['lock']);
  });

  it('does not change what open times say: another freeze that closes for want of one still closes', () => {
    const named = lock({ kind: 'freeze', schedule: opening });
    const other = lock({ id: 'l2', kind: 'freeze', schedule: opening });
    expect(typesOf(evaluate(input(locked(named))).passed)).toEqual(['freeze']);
    const both = evaluate(input(locked(named, other)));
    expect(both.blockers.map(({ ref }) => ref)).toEqual(['l2']);
  });
});
