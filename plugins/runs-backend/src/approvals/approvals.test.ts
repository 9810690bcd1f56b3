import { ConfigReader } from '@backstage/config';
import { Entity } from '@backstage/catalog-model';
import { ApprovalRule } from '@switchyard/backstage-plugin-runs-common';
import { DecisionRecord, GateRecord } from '../database/types';
import { ApprovalPolicies } from './ApprovalPolicies';
import { describeShortage, findApprovers } from './findApprovers';
import { describeRule, judgeApproval } from './judgeApproval';
import { judgeDelegation, judgePerson } from './judgePerson';
import { readApprovals } from './readApprovals';

const PLATFORM = 'group:default/platform';
const SECURITY = 'group:default/security';
const DANA = 'user:default/dana';
const INGE = 'user:default/inge';
const OMAR = 'user:default/omar';

const rule = (more: Partial<ApprovalRule> = {}): ApprovalRule => ({
  needed: 1,
  from: [PLATFORM],
  required: [],
  selfApproval: false,
  delegation: true,
  ...more,
});
const said = (
  person: string,
  more: Partial<DecisionRecord> = {},
): DecisionRecord => ({
  person,
  decision: 'approve',
  groups: [PLATFORM],
  planHash: 'plan',
  at: '2026-11-29T08:00:00.000Z',
  ...more,
});

describe('judgeApproval', () => {
  it.each<[string, Partial<ApprovalRule>, DecisionRecord[], object]>([
    ['nobody', {}, [], { missing: 1, given: [] }],
    ['one of the group', {}, [said(INGE)], { missing: 0 }],
    [
      'a person by name',
      { from: [INGE] },
      [said(INGE, { groups: [] })],
      { missing: 0 },
    ],
    [
      'somebody else',
      {},
      [said(OMAR, { groups: [] })],
      { missing: 1, given: [] },
    ],
    ['who asked', {}, [said(DANA)], { missing: 1, given: [] }],
    [
      'who asked, where that is let be',
      { selfApproval: true },
      [said(DANA)],
      { missing: 0 },
    ],
    ['one, where it takes two', { needed: 2 }, [said(INGE)], { missing: 1 }],
    ['two', { needed: 2 }, [said(INGE), said(OMAR)], { missing: 0 }],
    [
      'an approver and the one who acts for the same',
      { needed: 2 },
      [said(INGE), said(OMAR, { onBehalfOf: INGE })],
      { missing: 1 },
    ],
    [
      'who acts for the one who asked',
      {},
      [said(OMAR, { onBehalfOf: DANA })],
      { missing: 1, given: [] },
    ],
    [
      'who asked, for an approver',
      {},
      [said(DANA, { onBehalfOf: INGE })],
      { missing: 1, given: [] },
    ],
    [
      'enough, and none of the required group',
      { required: [SECURITY] },
      [said(INGE)],
      { missing: 1, missingRequired: [SECURITY] },
    ],
    [
      'one of the required group',
      { required: [SECURITY] },
      [said(INGE, { groups: [SECURITY] })],
      { missing: 0, missingRequired: [] },
    ],
    [
      'one for another plan',
      {},
      [said(INGE, { planHash: 'other' })],
      { missing: 1, given: [], void: [{ by: INGE }] },
    ],
    [
      'a rejection',
      {},
      [said(INGE, { decision: 'reject' })],
      { missing: 1, void: [] },
    ],
  ])('counts %s', (_, more, decisions, state) => {
    expect(
      judgeApproval({
        name: 'p',
        rule: rule(more),
        decisions,
        requestedBy: DANA,
        planHash: 'plan',
      }),
    ).toMatchObject(state);
  });

  it.each([
    [{}, 'Needs 1 approval of platform'],
    [
      { needed: 2, from: [INGE, PLATFORM], required: [SECURITY] },
      'Needs 2 approvals of inge or platform; security must be among them',
    ],
    [{ from: [] }, 'Needs 1 approval of nobody that is named'],
  ])('says %j as a sentence', (more, sentence) => {
    expect(describeRule(rule(more))).toBe(sentence);
  });
});

describe('judgePerson', () => {
  const gate = (
    more: Partial<GateRecord> = {},
    ruleMore: Partial<ApprovalRule> = {},
  ): GateRecord => ({
    id: 'g',
    name: 'p',
    kind: 'approval',
    title: '',
    status: 'closed',
    rule: rule(ruleMore),
    planHash: 'plan',
    createdAt: new Date(),
    decisions: [],
    delegations: [],
    ...more,
  });
  const inge = { userEntityRef: INGE, groups: [PLATFORM, 'group:default/all'] };
  const dana = { userEntityRef: DANA, groups: [PLATFORM] };
  const omar = { userEntityRef: OMAR, groups: [] };
  const handed = {
    delegations: [{ from: INGE, to: OMAR, groups: [PLATFORM], at: '' }],
  };

  it.each([
    ['lets an approver', gate(), inge, { allowed: true, groups: [PLATFORM] }],
    [
      'asks who asked to find somebody else',
      gate(),
      dana,
      { allowed: false, why: expect.stringMatching(/somebody else/) },
    ],
    [
      'lets who asked, by policy',
      gate({}, { selfApproval: true }),
      dana,
      { allowed: true },
    ],
    [
      'names whom it is for',
      gate(),
      omar,
      {
        allowed: false,
        why: expect.stringMatching(/for platform/),
      },
    ],
    [
      'takes one word of each',
      gate({ decisions: [said(INGE)] }),
      inge,
      { allowed: false, why: expect.stringMatching(/already/) },
    ],
    [
      'lets whom an approver has sent',
      gate(handed),
      omar,
      { allowed: true, onBehalfOf: INGE },
    ],
    [
      'lets nobody who was sent once the sender has spoken',
      gate({ ...handed, decisions: [said(INGE)] }),
      omar,
      { allowed: false },
    ],
  ])('%s', (_, at, person, standing) => {
    expect(judgePerson(at, DANA, person)).toMatchObject(standing);
  });

  it.each([
    ['an approver', gate(), inge, true],
    [
      'who asked, even as an approver',
      gate({}, { selfApproval: true }),
      dana,
      false,
    ],
    ['nobody, by policy', gate({}, { delegation: false }), inge, false],
    ['who was sent', gate(handed), omar, false],
  ])('is handed on by %s: %#', (_, at, person, allowed) => {
    expect(judgeDelegation(at, DANA, person).allowed).toBe(allowed);
  });
});

describe('ApprovalPolicies', () => {
  const entity = (labels?: Record<string, string>): Entity => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders', labels },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/Storefront' }],
  });
  const about = (more: object = {}) => ({
    entity: entity(),
    environment: 'production',
    action: 'hotfix',
    ...more,
  });
  const find = (match: object, asked = about()) =>
    new ApprovalPolicies(
      readApprovals(
        new ConfigReader({
          switchyard: { runs: { approvals: [{ name: 'p', match }] } },
        }),
      ),
    ).find(asked).length;

  it.each([
    ['everything', {}, about(), 1],
    ['its environment', { environments: ['production'] }, about(), 1],
    ['another environment', { environments: ['development'] }, about(), 0],
    [
      'no known environment',
      { environments: ['production'] },
      about({ environment: 'unassigned' }),
      1,
    ],
    ['its action', { actions: ['hotfix'] }, about(), 1],
    ['another action', { actions: ['restart'] }, about(), 0],
    ['its owner', { owners: ['Group:default/storefront'] }, about(), 1],
    ['another owner', { owners: ['group:default/realtime'] }, about(), 0],
    [
      'its tier',
      { tiers: ['critical'] },
      about({ entity: entity({ 'switchyard/tier': 'critical' }) }),
      1,
    ],
    [
      'another tier',
      { tiers: ['critical'] },
      about({ entity: entity({ 'switchyard/tier': 'low' }) }),
      0,
    ],
    ['a tier that is not said', { tiers: ['critical'] }, about(), 0],
    ['that no tier is said', { tiers: ['critical', 'none'] }, about(), 1],
    [
      'one of two',
      { environments: ['production'], actions: ['restart'] },
      about(),
      0,
    ],
  ])('match %s', (_, match, asked, count) => {
    expect(find(match, asked)).toBe(count);
  });

  it('take the owners where nobody is named, and roles from the table of rights', () => {
    const [owned, byRole] = new ApprovalPolicies(
      readApprovals(
        new ConfigReader({
          switchyard: {
            access: [{ name: 'infra', members: ['Group:default/platform'] }],
            runs: {
              approvals: [
                { name: 'owned' },
                {
                  name: 'role',
                  from: { roles: ['infra'] },
                  required: [SECURITY],
                },
              ],
            },
          },
        }),
      ),
    ).find(about());
    expect(owned.rule).toMatchObject({
      needed: 1,
      from: ['group:default/storefront'],
      selfApproval: false,
    });
    expect(byRole.rule).toMatchObject({
      from: [PLATFORM],
      required: [SECURITY],
    });
    expect(owned.policy).toMatchObject({ expiresMs: 86_400_000 });
  });

  it.each([
    [
      [{ name: 'a' }, { name: 'a' }],
      /approvals\[1\]\.name: 'a' is there twice/,
    ],
    [
      [{ name: 'a', approvals: 0 }],
      /approvals\[0\]\.approvals is 0; give a whole number/,
    ],
    [
      [{ name: 'a', from: { groups: ['platform'] } }],
      /'platform' is no user or group ref/,
    ],
    [
      [{ name: 'a', from: { roles: ['boss'] } }],
      /'boss' is no row of switchyard\.access/,
    ],
    [[{ name: 'a', expires: { hours: 0 } }], /expires is no time at all/],
  ])('refuse %j and say what would be right', (approvals, message) => {
    expect(() =>
      readApprovals(new ConfigReader({ switchyard: { runs: { approvals } } })),
    ).toThrow(message);
  });
});

describe('findApprovers', () => {
  const catalog: Record<string, Array<[string, string]>> = {
    [PLATFORM]: [
      ['hasMember', INGE],
      ['parentOf', 'group:default/night'],
    ],
    'group:default/night': [
      ['hasMember', DANA],
      ['parentOf', PLATFORM],
    ],
    [OMAR]: [],
  };
  const find = async (refs: string[]) =>
    refs.map(ref =>
      catalog[ref]
        ? ({
            relations: catalog[ref].map(([type, targetRef]) => ({
              type,
              targetRef,
            })),
          } as Entity)
        : undefined,
    );

  it.each([
    ['one of the group is left', {}, undefined],
    ['it takes two of them', { needed: 2 }, /there is only 1 person/],
    [
      'a person is named besides',
      { needed: 2, from: [PLATFORM, OMAR] },
      undefined,
    ],
    [
      'the person named is not there',
      { from: ['user:default/gone'] },
      /only 0 people/,
    ],
    [
      'nobody is in the required group',
      { required: [SECURITY] },
      /security, which is required/,
    ],
    ['who asks may approve', { needed: 2, selfApproval: true }, undefined],
  ])(
    'says whether there are enough people where %s',
    async (_, more, message) => {
      const asked = rule(more);
      const shortage = describeShortage(
        asked,
        await findApprovers({ rule: asked, requestedBy: DANA, find }),
      );
      expect(shortage ?? '').toMatch(message ?? /^$/);
    },
  );
});
