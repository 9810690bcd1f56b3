import { BlockerType } from '@switchyard/backstage-plugin-runs-common';
import {
  FindingFact,
  FindingSeverity,
} from '@switchyard/backstage-plugin-runs-node';
import { evaluate, InterlockInput } from './evaluate';
import { ApprovalsInput } from './judgeApprovals';

const since = new Date('2026-01-01T10:00:00Z');
const until = new Date('2026-01-02T10:00:00Z');
const lock = {
  id: 'l1',
  scope: 'component' as const,
  kind: 'lock' as const,
  entityRef: 'component:default/orders',
  reason: 'Stock-taking',
  createdBy: 'user:default/omar',
  holder: 'user:default/omar',
  holderMayDeploy: true,
  createdAt: since,
  expiresAt: until,
  readAt: since,
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
  findings: { error: 'block', warning: 'warn', info: 'ignore' },
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

const blue = 'Application argocd/orders-blue';
const green = 'Application argocd/orders-green';
const web = 'component:default/web';
const sharing = (...refs: string[]): Partial<InterlockInput> => ({
  facts: [
    ...open.facts,
    {
      sourceId: 'shared-targets',
      reading: {
        state: 'read',
        asOf: '',
        facts: refs.map(ref => ({
          type: 'shared-target',
          ref,
          entityRef: web,
        })),
      },
    },
  ],
});
const run = (number: number, entityRef: string) => ({
  id: `r${number}`,
  number,
  title: 'Ship v2',
  entityRef,
});

describe('evaluate', () => {
  it('allows what nothing forbids', () => {
    expect(evaluate(open)).toEqual({
      allowed: true,
      blockers: [],
      approvals: [],
      warnings: [],
    });
  });

  describe('of approvals', () => {
    const state = {
      name: 'production',
      title: 'Needs 1 approval of group:default/platform',
      needed: 1,
      from: ['group:default/platform'],
      given: [],
      missing: 1,
      missingRequired: [],
      void: [],
    };
    const approved = { by: 'user:default/inge', at: '' };
    const complete = { ...state, missing: 0, given: [approved] };
    const none = { states: [], due: true, notAsked: [] };

    it.each<[string, ApprovalsInput, string[]]>([
      [
        'nothing when it is asked for',
        { ...none, states: [state], due: false },
        [],
      ],
      [
        'that there is nobody to ask',
        { ...none, states: [{ ...state, shortage: 'Nobody.' }], due: false },
        ['Not enough approvers'],
      ],
      [
        'nothing where enough was given before, whoever is there',
        { ...none, states: [{ ...complete, shortage: 'Nobody.' }], due: false },
        [],
      ],
      ['nothing when all are given', { ...none, states: [complete] }, []],
      [
        'which are missing when it is to begin',
        { ...none, states: [complete, state] },
        ['Approval is missing'],
      ],
      [
        'which are void',
        { ...none, states: [{ ...state, void: [approved] }] },
        ['Approval is void'],
      ],
      [
        'which were never asked for',
        { ...none, notAsked: [state] },
        ['Approval was not asked for'],
      ],
    ])('says %s', (_, value, blockers) => {
      const verdict = evaluate({
        ...open,
        approvals: { state: 'read', value },
      });
      expect(verdict.blockers.map(each => each.what)).toEqual(blockers);
      expect(verdict.allowed).toBe(blockers.length === 0);
      // What is counted for the interlock alone is not shown.
      expect(verdict.approvals).toEqual(
        value.states.map(({ shortage: _shortage, ...shown }) => shown),
      );
    });

    it('forbids what it cannot know', () => {
      expect(
        evaluate({
          ...open,
          approvals: { state: 'not-readable', why: 'The catalog is away.' },
        }),
      ).toMatchObject({
        allowed: false,
        approvals: [],
        blockers: [{ type: 'source-not-readable' }],
      });
    });
  });

  describe('of findings', () => {
    const finding = (more: Partial<FindingFact> = {}): FindingFact => ({
      type: 'finding',
      id: 'ZD04',
      severity: 'error',
      title: 'No readiness gate',
      what: 'Pods get traffic before the balancer knows them.',
      where: 'Deployment orders in prod-blue',
      since: since.toISOString(),
      url: '/preflight/rules/ZD04',
      ...more,
    });
    const found = (...facts: FindingFact[]): InterlockInput => ({
      ...open,
      facts: [
        ...open.facts,
        {
          sourceId: 'preflight',
          onlyFindings: true,
          reading: { state: 'read', asOf: '', facts },
        },
      ],
    });
    const unreadable: InterlockInput = {
      ...open,
      facts: [
        {
          sourceId: 'preflight',
          onlyFindings: true,
          reading: { state: 'not-readable', why: 'It is down.' },
        },
      ],
    };
    const harmless = {
      error: 'warn',
      warning: 'warn',
      info: 'ignore',
    } as const;

    it('says what, why, where, since, and whom to ask', () => {
      expect(evaluate(found(finding()))).toEqual({
        allowed: false,
        approvals: [],
        warnings: [],
        blockers: [
          {
            type: 'finding',
            what: 'No readiness gate',
            why: 'Pods get traffic before the balancer knows them. (Deployment orders in prod-blue)',
            since: '2026-01-01T10:00:00.000Z',
            ask: ['group:default/storefront'],
            ref: 'ZD04 Deployment orders in prod-blue',
            url: '/preflight/rules/ZD04',
          },
        ],
      });
    });

    it('blocks, warns of and ignores what it is told to', () => {
      const verdict = evaluate(
        found(
          finding({ title: 'a' }),
          finding({ title: 'b', severity: 'warning' }),
          finding({ title: 'c', severity: 'info' }),
        ),
      );
      expect(verdict.blockers.map(each => each.what)).toEqual(['a']);
      expect(verdict.warnings.map(each => each.what)).toEqual(['b']);
      expect(
        evaluate({ ...found(finding()), findings: harmless }),
      ).toMatchObject({
        allowed: true,
        warnings: [{ what: 'No readiness gate' }],
      });
    });

    it('forbids at a severity that is not known here', () => {
      const worse = finding({ severity: 'catastrophe' as FindingSeverity });
      expect(evaluate({ ...found(worse), findings: harmless })).toMatchObject({
        allowed: false,
        blockers: [{ type: 'finding' }],
      });
    });

    it('forbids what it cannot know, where a finding could', () => {
      expect(evaluate(unreadable)).toMatchObject({
        allowed: false,
        blockers: [{ type: 'source-not-readable', why: 'It is down.' }],
      });
      expect(evaluate({ ...unreadable, findings: harmless })).toMatchObject({
        allowed: true,
        warnings: [{ what: 'preflight cannot be read', why: 'It is down.' }],
      });
    });

    it('makes links of addresses only', () => {
      for (const url of ['data:text/html,x', '//elsewhere.example', 'x'])
        expect(evaluate(found(finding({ url }))).blockers[0].url).toBe(
          undefined,
        );
    });
  });

  it('says of a lock what, why, since, until and who can lift it', () => {
    expect(evaluate({ ...open, ...locks({}) })).toEqual({
      allowed: false,
      approvals: [],
      warnings: [],
      blockers: [
        {
          type: 'lock',
          what: 'Locked',
          why: 'Locked by omar: Stock-taking',
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
    [
      'a lock on a component that deploys the same target',
      { ...sharing(blue), ...locks({ entityRef: web }) },
      ['lock'],
    ],
    [
      'a lock on a component that shares two targets, once',
      { ...sharing(blue, green), ...locks({ entityRef: web }) },
      ['lock'],
    ],
    [
      'a lock on a component that deploys the same target, in this environment',
      {
        ...sharing(blue),
        ...locks({ entityRef: web, environment: 'production' }),
      },
      ['lock'],
    ],
    [
      'a lock on a component that deploys the same target, in another environment',
      {
        ...sharing(blue),
        ...locks({ entityRef: web, environment: 'development' }),
      },
      [],
    ],
    [
      'a lock on a third component, where another one shares the target',
      { ...sharing(blue), ...locks({ entityRef: 'component:default/search' }) },
      [],
    ],
    [
      'the own lock of the actor on a component that deploys the same target',
      {
        ...sharing(blue),
        ...locks({ entityRef: web, holder: 'user:default/dana' }),
      },
      [],
    ],
    [
      'locks here and there',
      { ...sharing(blue), ...locks({}, { id: 'l2', entityRef: web }) },
      ['lock', 'lock'],
    ],
    ['a shared target that nobody has locked', sharing(blue), []],
    ['two locks', locks({ id: 'a' }, { id: 'b' }), ['lock', 'lock']],
    ['the own lock of the actor', locks({ holder: 'user:default/dana' }), []],
    [
      'the own lock beside one of another',
      locks({ holder: 'user:default/dana' }, {}),
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
      ...locks({ holder: 'user:default/dana' }),
      plan: {
        problems: [],
        warnings: [{ what: 'One cluster is down', why: 'blue' }],
      },
      ahead: [run(7, 'component:default/orders')],
    });
    expect(allowed).toBe(true);
    expect(warnings.map(warning => warning.what)).toEqual([
      'One cluster is down',
      'Locked by you',
      'Run #7 is ahead',
    ]);
  });

  it.each([
    [{ exists: true, lostGroups: [] }, []],
    [
      { exists: false, lostGroups: [] },
      [
        {
          what: 'The run would wait',
          why: 'dana is not in the catalog, or no longer. It would begin nothing until somebody else confirms it.',
          ref: 'user:default/dana',
        },
      ],
    ],
    [
      { exists: true, lostGroups: ['group:default/storefront'] },
      [
        {
          what: 'The run would wait',
          why: expect.stringMatching(
            /^dana is no longer in group:default\/storefront/,
          ),
          ref: 'group:default/storefront',
        },
      ],
    ],
  ])(
    'foresees that a run would park because of its requester: %j',
    (foreseen, warnings) => {
      expect(evaluate({ ...open, foreseen })).toMatchObject({
        allowed: true,
        warnings,
      });
    },
  );

  it('says through which component a lock binds, to those who may see it', () => {
    const input = {
      ...open,
      ...sharing(blue),
      ...locks({ entityRef: web }),
      visible: new Set([web]),
    };
    expect(evaluate(input).blockers).toMatchObject([
      {
        type: 'lock',
        why: 'Locked by omar: Stock-taking (on component:default/web, which also deploys Application argocd/orders-blue)',
        liftedBy: ['user:default/omar'],
        ref: 'l1',
      },
    ]);
    expect(
      evaluate({ ...input, ...sharing(blue, green) }).blockers[0].why,
    ).toContain(`which also deploys ${blue} and 1 more)`);
  });

  it('tells others that such a lock is there, and nothing of it', () => {
    const hidden = { entityRef: web };
    const { blockers } = evaluate({
      ...open,
      ...sharing(blue),
      ...locks(hidden, { ...hidden, id: 'l2' }),
    });
    expect(blockers).toEqual([
      {
        type: 'lock',
        what: 'Locked',
        why: 'Locked on another component, which also deploys Application argocd/orders-blue.',
      },
    ]);
  });

  it('names only runs ahead that the person may see', () => {
    const ahead = [
      run(7, web),
      run(8, 'component:default/orders'),
      run(9, 'component:default/secret'),
      run(10, 'component:default/secret'),
    ];
    const { warnings } = evaluate({ ...open, ahead, visible: new Set([web]) });
    expect(warnings).toEqual([
      {
        what: 'Run #7 is ahead',
        why: 'This would start after run #7, Ship v2.',
        ref: 'r7',
      },
      {
        what: 'Run #8 is ahead',
        why: 'This would start after run #8, Ship v2.',
        ref: 'r8',
      },
      {
        what: 'Another run is ahead',
        why: 'This would start after another run.',
      },
    ]);
  });

  it('speaks of a lock of one’s own only where it would bind', () => {
    const mine = { holder: 'user:default/dana' };
    const { warnings } = evaluate({
      ...open,
      ...sharing(blue),
      ...locks(
        { ...mine, environment: 'development' },
        { ...mine, entityRef: web },
      ),
    });
    expect(warnings).toHaveLength(1);
  });
});
