import { applicationsOf } from './applications';
import { component } from './tests/entities';
import { application, argoInstance, fakeFleet } from './tests/fakeFleet';

const applications = [
  application('orders-blue', { labels: { 'backstage-name': 'orders' } }),
  application('orders-green', {
    labels: { 'backstage-name': 'orders', canary: 'yes' },
  }),
  application('orders-blue', { instance: 'eu' }),
  application('orders-blue', { namespace: 'team', project: 'team' }),
  application('search-blue', {
    annotations: { 'backstage.io/entity-ref': 'component:default/search' },
  }),
  application('chat', { project: 'realtime' }),
];
const instances = [argoInstance('main'), argoInstance('eu')];
const fleet = fakeFleet({ applications, argoInstances: instances });

function namesOf(name: string, annotations: Record<string, string>) {
  return applicationsOf(component(name, annotations), fleet).applications.map(
    row => `${row.instance}/${row.namespace}/${row.name}`,
  );
}

describe('applicationsOf', () => {
  it.each<[string, Record<string, string>, string[]]>([
    [
      'a name, in every instance and namespace',
      { 'argocd/app-name': 'orders-blue' },
      [
        'eu/argocd/orders-blue',
        'main/argocd/orders-blue',
        'main/team/orders-blue',
      ],
    ],
    [
      'a name in one namespace',
      { 'argocd/app-name': 'orders-blue', 'argocd/app-namespace': 'team' },
      ['main/team/orders-blue'],
    ],
    [
      'a name in one project',
      { 'argocd/app-name': 'orders-blue', 'argocd/project-name': 'team' },
      ['main/team/orders-blue'],
    ],
    [
      'instances in the order in which they stand',
      { 'argocd/app-name': 'orders-blue', 'argocd/instance-name': 'main , eu' },
      [
        'main/argocd/orders-blue',
        'main/team/orders-blue',
        'eu/argocd/orders-blue',
      ],
    ],
    [
      'a selector',
      { 'argocd/app-selector': 'backstage-name=orders,!canary' },
      ['main/argocd/orders-blue'],
    ],
    [
      'a selector with a list',
      { 'argocd/app-selector': 'backstage-name in (orders, webapp)' },
      ['main/argocd/orders-blue', 'main/argocd/orders-green'],
    ],
    ['a project', { 'argocd/project-name': 'realtime' }, ['main/argocd/chat']],
    ['nothing', {}, []],
  ])('reads %s', (_, annotations, expected) => {
    expect(namesOf('orders', annotations)).toEqual(expected);
  });

  it('adds the Applications that name the entity themselves', () => {
    expect(namesOf('search', {})).toEqual(['main/argocd/search-blue']);
    expect(namesOf('search', { 'argocd/app-name': 'chat' })).toEqual([
      'main/argocd/chat',
      'main/argocd/search-blue',
    ]);
  });

  it('takes the name where both name and selector are there, and says so', () => {
    const answer = applicationsOf(
      component('orders', {
        'argocd/app-name': 'chat',
        'argocd/app-selector': 'backstage-name=orders',
      }),
      fleet,
    );
    expect(answer.applications.map(row => row.name)).toEqual(['chat']);
    expect(answer.problems).toEqual([
      {
        what: 'argocd/app-selector',
        why: 'argocd/app-name is there too and comes first; remove one of them',
      },
    ]);
  });

  it.each([
    ['argocd/app-name', '../clusters'],
    ['argocd/app-name', '..%2Fclusters'],
    ['argocd/app-name', 'orders-blue,chat'],
    ['argocd/app-name', 'orders-blue\u0000'],
    ['argocd/app-name', 'orders\nblue'],
    ['argocd/app-name', 'Orders Blue'],
    ['argocd/app-name', ''],
    ['argocd/app-name', 'a'.repeat(254)],
    ['argocd/app-selector', 'backstage-name=orders,'],
    ['argocd/app-selector', 'backstage-name=../x'],
    ['argocd/app-selector', 'backstage-name=a%2Fb'],
    ['argocd/app-selector', 'backstage-name\u200b=orders'],
    // Each of these would take in everything.
    ['argocd/app-selector', '!nothing'],
    ['argocd/app-selector', 'backstage-name!=orders'],
    ['argocd/app-selector', 'backstage-name'],
    ['argocd/project-name', '*'],
    ['argocd/project-name', '../storefront'],
    ['argocd/app-namespace', 'argo/cd'],
    ['argocd/instance-name', 'main,../eu'],
    ['argocd/instance-name', 'main%2Feu'],
  ])('refuses %s: %j, naming the annotation with an example', (key, value) => {
    const { applications: found, problems } = applicationsOf(
      component('orders', {
        'argocd/project-name': 'storefront',
        [key]: value,
      }),
      fleet,
    );
    // Above all it does not fall back to the whole project.
    expect(found).toEqual([]);
    expect(problems).toContainEqual({
      what: key,
      why: expect.any(String),
      example: expect.stringMatching(`^${key}: \\S+`),
    });
    const shown = problems.map(({ why }) => why).join();
    // eslint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u001f]/);
    expect(shown.length).toBeLessThan(400);
  });

  it('says that Argo CD has no such Application only when it could be asked', () => {
    const entity = component('orders', { 'argocd/app-name': 'gone' });
    expect(applicationsOf(entity, fleet).problems).toEqual([
      {
        what: 'argocd/app-name',
        why: expect.stringContaining(
          'Argo CD has no Application "gone", or the portal\'s account may not see it',
        ),
      },
    ]);
    const broken = fakeFleet({
      argoInstances: [argoInstance('main', { state: 'unreachable' })],
    });
    expect(applicationsOf(entity, broken).problems).toEqual([]);
  });

  it('names an instance that is not configured', () => {
    expect(
      applicationsOf(
        component('orders', {
          'argocd/app-name': 'orders-blue',
          'argocd/instance-name': 'us',
        }),
        fleet,
      ),
    ).toEqual({
      applications: [],
      problems: [
        {
          what: 'argocd/instance-name',
          why: 'No Argo CD instance "us" is configured under argocd.appLocatorMethods',
          example: 'argocd/instance-name: main',
        },
      ],
    });
  });

  it('cuts what one annotation can pull onto a page', () => {
    const many = fakeFleet({
      applications: Array.from({ length: 250 }, (_, index) =>
        application(`app-${index}`),
      ),
    });
    const answer = applicationsOf(
      component('orders', { 'argocd/project-name': 'storefront' }),
      many,
    );
    expect(answer.applications).toHaveLength(200);
    expect(answer.problems[0].why).toContain('250 Applications');
  });
});
