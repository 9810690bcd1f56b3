import { BlockerType } from '@switchyard/backstage-plugin-runs-common';
import { evaluate, InterlockInput } from './evaluate';

const since = new Date('2026-01-01T10:00:00Z');
const until = new Date('2026-01-02T10:00:00Z');
const lock = {
  id: 'l1',
  entityRef: 'component:default/orders',
  reason: 'Stock-taking',
  createdBy: 'user:default/omar',
  createdAt: since,
  expiresAt: until,
};
const open: InterlockInput = {
  action: 'hotfix',
  target: { entityRef: 'component:default/orders', environment: 'production' },
  actor: 'user:default/dana',
  owners: ['group:default/storefront'],
  locks: { state: 'read', value: [] },
  facts: [
    {
      sourceId: 'consent',
      reading: {
        state: 'read',
        asOf: since.toISOString(),
        facts: [
          {
            type: 'consent',
            ref: 'Application argocd/orders-blue',
            given: true,
            why: '',
          },
        ],
      },
    },
    {
      sourceId: 'windows',
      reading: {
        state: 'read',
        asOf: since.toISOString(),
        facts: [
          {
            type: 'sync-window',
            ref: 'Application argocd/orders-blue',
            open: true,
            why: '',
          },
        ],
      },
    },
  ],
  entityExists: { state: 'read', value: true },
  permission: { allowed: true, why: '' },
  standing: { exists: true, lostGroups: [] },
  plan: { problems: [], warnings: [] },
};
const locks = (
  ...value: Array<Partial<typeof lock> & { environment?: string }>
): Partial<InterlockInput> => ({
  locks: { state: 'read', value: value.map(each => ({ ...lock, ...each })) },
});

describe('evaluate', () => {
  it('allows what nothing forbids', () => {
    expect(evaluate(open)).toEqual({
      allowed: true,
      blockers: [],
      warnings: [],
    });
  });

  it('says of a lock what, why, since, until and who can lift it', () => {
    expect(evaluate({ ...open, ...locks({}) })).toEqual({
      allowed: false,
      warnings: [],
      blockers: [
        {
          type: 'lock',
          what: 'Locked',
          why: 'Locked by user:default/omar: Stock-taking',
          since: '2026-01-01T10:00:00.000Z',
          until: '2026-01-02T10:00:00.000Z',
          liftedBy: ['user:default/omar'],
          ref: 'l1',
        },
      ],
    });
  });

  it.each<[string, Partial<InterlockInput>, BlockerType[]]>([
    [
      'a lock on this environment',
      locks({ environment: 'production' }),
      ['lock'],
    ],
    [
      'a lock on another environment',
      locks({ environment: 'development' }),
      [],
    ],
    [
      'a lock on another component',
      locks({ entityRef: 'component:default/search' }),
      [],
    ],
    ['two locks', locks({ id: 'a' }, { id: 'b' }), ['lock', 'lock']],
    [
      'the own lock of the actor',
      locks({ createdBy: 'user:default/dana' }),
      [],
    ],
    [
      'the own lock beside one of another',
      locks({ createdBy: 'user:default/dana' }, {}),
      ['lock'],
    ],
    [
      'locks that cannot be read',
      { locks: { state: 'not-readable', why: 'gone' } },
      ['source-not-readable'],
    ],
    [
      'a component that is gone',
      { entityExists: { state: 'read', value: false } },
      ['plan-problem'],
    ],
    [
      'a catalog that cannot be read',
      {
        entityExists: { state: 'not-readable', why: 'down' },
        standing: undefined,
      },
      ['source-not-readable'],
    ],
    [
      'no permission',
      { permission: { allowed: false, why: 'no' } },
      ['permission'],
    ],
    ['no question of permission', { permission: undefined }, []],
    [
      'a target that does not agree',
      {
        facts: [
          {
            sourceId: 'consent',
            reading: {
              state: 'read',
              asOf: '',
              facts: [
                { type: 'consent', ref: 'a', given: false, why: 'add it' },
              ],
            },
          },
        ],
      },
      ['consent'],
    ],
    [
      'a closed window',
      {
        facts: [
          {
            sourceId: 'windows',
            reading: {
              state: 'read',
              asOf: '',
              facts: [
                { type: 'sync-window', ref: 'a', open: false, why: 'night' },
              ],
            },
          },
        ],
      },
      ['sync-window'],
    ],
    [
      'one source of two that cannot be read',
      {
        facts: [
          ...open.facts,
          { sourceId: 'x', reading: { state: 'not-readable', why: 'down' } },
        ],
      },
      ['source-not-readable'],
    ],
    [
      'a fact of a kind that is not known here',
      {
        facts: [
          {
            sourceId: 'x',
            reading: {
              state: 'read',
              asOf: '',
              facts: [{ type: 'moon-phase' } as any],
            },
          },
        ],
      },
      ['source-not-readable'],
    ],
    [
      'a requester who is gone',
      { standing: { exists: false, lostGroups: [] } },
      ['requester'],
    ],
    [
      'a requester who has left a group',
      {
        standing: { exists: true, lostGroups: ['group:default/storefront'] },
      },
      ['requester'],
    ],
    [
      'a plan with a problem',
      { plan: { problems: [{ what: 'w', why: 'y' }], warnings: [] } },
      ['plan-problem'],
    ],
    [
      'a plan that has changed',
      { plan: { problems: [], warnings: [], changed: true } },
      ['plan-changed'],
    ],
    ['a card, which has no plan', { plan: undefined, standing: undefined }, []],
  ])('%s', (_, input, types) => {
    const verdict = evaluate({ ...open, ...input });
    expect(verdict.blockers.map(blocker => blocker.type)).toEqual(types);
    expect(verdict.allowed).toBe(types.length === 0);
  });

  it('warns of what forbids nothing', () => {
    const { allowed, warnings } = evaluate({
      ...open,
      ...locks({ createdBy: 'user:default/dana' }),
      plan: {
        problems: [],
        warnings: [{ what: 'One cluster is down', why: 'blue' }],
      },
      ahead: [{ id: 'r7', number: 7, title: 'Ship v2' }],
    });
    expect(allowed).toBe(true);
    expect(warnings.map(warning => warning.what)).toEqual([
      'One cluster is down',
      'Locked by you',
      'Run #7 is ahead',
    ]);
  });
});
