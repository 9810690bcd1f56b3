import { ConfigReader } from '@backstage/config';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import {
  commandRunPermission,
  fleetReadPermission,
  logsReadPermission,
  manifestsReadPermission,
  stateReadPermission,
  terminalUsePermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  breakGlassPermission,
  lockCreatePermission,
  lockReleasePermission,
  runApprovePermission,
  runControlPermission,
  runCreatePermission,
  runReadPermission,
} from '@switchyard/backstage-plugin-runs-common';
import { readAccessConfig } from './accessConfig';
import { decideAccess } from './decideAccess';

const access = readAccessConfig(
  new ConfigReader({
    switchyard: {
      access: [
        { allow: ['see'] },
        {
          members: ['group:default/storefront'],
          owns: true,
          allow: ['logs', 'terminal', 'hotfix', 'control'],
          environments: ['development'],
        },
        {
          members: ['group:default/storefront-owners'],
          owns: true,
          allow: ['lock'],
        },
        { members: ['group:default/platform'], allow: ['*'] },
      ],
    },
  }),
);
const dana = ['user:default/dana', 'group:default/storefront'];
const omar = [
  'user:default/omar',
  'group:default/storefront',
  'group:default/storefront-owners',
];
const inge = ['user:default/inge', 'group:default/platform'];
const guest = ['user:default/guest'];

const condition = (
  rule: string,
  params: object,
  resourceType = 'runs-target',
) => ({ rule, resourceType, params });

describe('decideAccess', () => {
  it.each<[string, string[], AuthorizeResult, object]>([
    ['who may start templates', dana, AuthorizeResult.ALLOW, {}],
    ['another group', inge, AuthorizeResult.DENY, {}],
    ['a row about what one owns', dana, AuthorizeResult.DENY, { owns: true }],
    [
      'a row about environments',
      dana,
      AuthorizeResult.DENY,
      { environments: ['development'] },
    ],
    ['a row for everything', dana, AuthorizeResult.DENY, { allow: ['*'] }],
  ])('registers what a template makes: %s', (_, person, result, change) => {
    const rows = readAccessConfig(
      new ConfigReader({
        switchyard: {
          access: [
            {
              members: ['group:default/storefront'],
              allow: ['templates'],
              ...change,
            },
          ],
        },
      }),
    );
    for (const [name, action] of [
      ['catalog.location.create', 'create'],
      ['scaffolder.task.create', 'create'],
      ['scaffolder.action.execute', undefined],
    ] as const)
      expect(
        decideAccess({
          permission: createPermission({ name, attributes: { action } }),
          ownershipRefs: person,
          access: rows,
        }),
      ).toEqual({ result });
    // Nothing else comes with it.
    expect(
      decideAccess({
        permission: createPermission({
          name: 'catalog.entity.delete',
          attributes: { action: 'delete' },
        }),
        ownershipRefs: person,
        access: rows,
      }),
    ).toEqual({ result: AuthorizeResult.DENY });
  });

  it.each([
    ['everyone sees runs', runReadPermission, guest, AuthorizeResult.ALLOW],
    ['everyone sees state', stateReadPermission, guest, AuthorizeResult.ALLOW],
    [
      'the guest reads no logs',
      logsReadPermission,
      guest,
      AuthorizeResult.DENY,
    ],
    [
      'the guest ships nothing',
      runCreatePermission,
      guest,
      AuthorizeResult.DENY,
    ],
    [
      'the guest controls nothing',
      runControlPermission,
      guest,
      AuthorizeResult.DENY,
    ],
    [
      'a developer does not lock',
      lockCreatePermission,
      dana,
      AuthorizeResult.DENY,
    ],
    [
      'an owner who may lock may not release for others',
      lockReleasePermission,
      omar,
      AuthorizeResult.DENY,
    ],
    ['infra ships anything', runCreatePermission, inge, AuthorizeResult.ALLOW],
    [
      'a developer approves nothing',
      runApprovePermission,
      dana,
      AuthorizeResult.DENY,
    ],
    [
      'infra approves anything',
      runApprovePermission,
      inge,
      AuthorizeResult.ALLOW,
    ],
    ['infra locks anything', lockCreatePermission, inge, AuthorizeResult.ALLOW],
    [
      'a developer runs no commands',
      commandRunPermission,
      dana,
      AuthorizeResult.DENY,
    ],
    [
      'an owner of nothing opens no terminal',
      terminalUsePermission,
      guest,
      AuthorizeResult.DENY,
    ],
    [
      'infra opens terminals',
      terminalUsePermission,
      inge,
      AuthorizeResult.ALLOW,
    ],
    ['infra runs commands', commandRunPermission, inge, AuthorizeResult.ALLOW],
    ['infra reads logs', logsReadPermission, inge, AuthorizeResult.ALLOW],
    [
      'infra reads manifests',
      manifestsReadPermission,
      inge,
      AuthorizeResult.ALLOW,
    ],
  ])('%s', (_, permission, ownershipRefs, result) => {
    expect(decideAccess({ permission, ownershipRefs, access }).result).toBe(
      result,
    );
  });

  it.each([
    ['a row that says so', { allow: ['see-all'] }, AuthorizeResult.ALLOW],
    ['a row that allows all', { allow: ['*'] }, AuthorizeResult.ALLOW],
    ['seeing alone', { allow: ['see', 'logs'] }, AuthorizeResult.DENY],
    [
      'a row about what one owns',
      { allow: ['*'], owns: true },
      AuthorizeResult.DENY,
    ],
    [
      'a row about some environments',
      { allow: ['see-all'], environments: ['development'] },
      AuthorizeResult.DENY,
    ],
    [
      'a row for others',
      { allow: ['see-all'], members: ['group:default/platform'] },
      AuthorizeResult.DENY,
    ],
  ])('the whole fleet, by %s', (_, row, result) => {
    expect(
      decideAccess({
        permission: fleetReadPermission,
        ownershipRefs: guest,
        access: readAccessConfig(
          new ConfigReader({ switchyard: { access: [row] } }),
        ),
      }).result,
    ).toBe(result);
  });

  it.each([
    ['its own word', { allow: ['break-glass'] }, AuthorizeResult.ALLOW],
    ['everything else', { allow: ['*'] }, AuthorizeResult.DENY],
    [
      'its own word for what one owns',
      { allow: ['break-glass'], owns: true },
      AuthorizeResult.CONDITIONAL,
    ],
  ])('lets break the glass by %s', (_, row, result) => {
    expect(
      decideAccess({
        permission: breakGlassPermission,
        ownershipRefs: guest,
        access: readAccessConfig(
          new ConfigReader({ switchyard: { access: [row] } }),
        ),
      }).result,
    ).toBe(result);
  });

  it('takes no word for seeing for an action', () => {
    expect(
      decideAccess({
        permission: runCreatePermission,
        ownershipRefs: guest,
        access: readAccessConfig(
          new ConfigReader({
            switchyard: { access: [{ allow: ['see', 'see-all'] }] },
          }),
        ),
      }).result,
    ).toBe(AuthorizeResult.DENY);
  });

  it('lets a developer ship what the team owns, by this action, in these environments', () => {
    expect(
      decideAccess({
        permission: runCreatePermission,
        ownershipRefs: dana,
        access,
      }),
    ).toEqual({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'runs',
      resourceType: 'runs-target',
      conditions: {
        anyOf: [
          {
            allOf: [
              condition('IS_ACTION', { actions: ['hotfix'] }),
              condition('IS_IN_ENVIRONMENT', { environments: ['development'] }),
              condition('IS_ENTITY_OWNER', { ownerRefs: dana }),
            ],
          },
        ],
      },
    });
  });

  it.each([
    ['read logs', logsReadPermission],
    ['open terminals', terminalUsePermission],
  ])(
    'lets a developer %s of what the team owns, in these environments',
    (_, permission) => {
      const aboutLogs = (rule: string, params: object) =>
        condition(rule, params, 'deploys-deployment');
      expect(
        decideAccess({
          permission,
          ownershipRefs: dana,
          access,
        }),
      ).toEqual({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'deploys',
        resourceType: 'deploys-deployment',
        conditions: {
          anyOf: [
            {
              allOf: [
                aboutLogs('IS_IN_ENVIRONMENT', {
                  environments: ['development'],
                }),
                aboutLogs('IS_ENTITY_OWNER', { ownerRefs: dana }),
              ],
            },
          ],
        },
      });
    },
  );

  it('lets a row without conditions win over one with some', () => {
    const both = [...dana, ...inge];
    for (const permission of [logsReadPermission, runCreatePermission]) {
      expect(
        decideAccess({ permission, ownershipRefs: both, access }).result,
      ).toBe(AuthorizeResult.ALLOW);
    }
  });

  it('lets an owner lock what the team owns', () => {
    expect(
      decideAccess({
        permission: lockCreatePermission,
        ownershipRefs: omar,
        access,
      }),
    ).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      conditions: {
        anyOf: [{ allOf: [condition('IS_ENTITY_OWNER', { ownerRefs: omar })] }],
      },
    });
  });

  it.each([
    ['read', 'catalog.entity.read', 'read', AuthorizeResult.ALLOW],
    ['read', 'catalog.entity.delete', 'delete', AuthorizeResult.DENY],
    ['read', 'kubernetes.proxy', 'read', AuthorizeResult.DENY],
    ['all', 'catalog.entity.delete', 'delete', AuthorizeResult.ALLOW],
    ['none', 'catalog.entity.read', 'read', AuthorizeResult.DENY],
  ] as const)(
    "with otherPermissions '%s' answers %s",
    (others, name, action, result) => {
      const permission = createPermission({ name, attributes: { action } });
      expect(
        decideAccess({
          permission,
          ownershipRefs: guest,
          access: { rows: [], others },
        }).result,
      ).toBe(result);
    },
  );
});

describe('readAccessConfig', () => {
  it.each([
    [{ access: [{ allow: [] }] }, /switchyard\.access\[0\]\.allow is empty/],
    [
      { access: [{ allow: ['see'], members: ['storefront'] }] },
      /'storefront' is no user or group ref/,
    ],
    [{ otherPermissions: 'write' }, /'write' is none of read, all, none/],
  ])('refuses %j and says what would be right', (switchyard, message) => {
    expect(() => readAccessConfig(new ConfigReader({ switchyard }))).toThrow(
      message,
    );
  });

  it('reads refs without regard to case', () => {
    const { rows } = readAccessConfig(
      new ConfigReader({
        switchyard: {
          access: [{ members: ['Group:default/Storefront'], allow: ['see'] }],
        },
      }),
    );
    expect(rows[0].members).toEqual(['group:default/storefront']);
  });
});
