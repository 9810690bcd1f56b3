import { JsonObject } from '@backstage/types';
import { createConsentSource } from './facts/consentSource';
import { createWorkloadConsentSource } from './facts/workloadConsentSource';
import { applicationRow } from './__testUtils__/applications';
import { createTestFleet } from './__testUtils__/createTestFleet';
import { component, config } from './__testUtils__/startDeployRepositories';
import { environmentsWithApplications } from './operations/applicationsByEnvironment';
import { environmentsWithWorkloads } from './workloads/workloadTargets';

const ACTIONS = ['hotfix', 'sync', 'restart'];

it('looks up once what all kinds and sources ask when a card is opened, and anew for the next card', async () => {
  const fleet = createTestFleet();
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://prod-blue',
    state: 'live',
    since: '2026-11-20T12:00:00Z',
    kinds: [],
  });
  fleet.rows.push(applicationRow());
  const look = jest.spyOn(fleet.service, 'applications');
  const sources = [
    createConsentSource({ fleet: fleet.service, config, actions: ACTIONS }),
    createWorkloadConsentSource({
      fleet: fleet.service,
      config,
      actions: ACTIONS,
      shipping: [],
    }),
  ];
  const openCard = async (actions = ACTIONS) => {
    const entity = component();
    const environments = actions.flatMap(() => [
      ...environmentsWithApplications(entity, fleet.service, config),
      ...environmentsWithWorkloads(entity, fleet.service, config),
    ]);
    const answers = await Promise.all(
      actions.flatMap(action =>
        sources.map(source =>
          source.read({
            entity,
            environment: 'production',
            action,
            signal: new AbortController().signal,
          }),
        ),
      ),
    );
    return { environments, answers: answers as unknown as JsonObject[] };
  };
  await openCard(['hotfix']);
  const looks = look.mock.calls.length;
  const first = await openCard();
  expect(new Set(first.environments)).toEqual(new Set(['production']));
  expect(first.answers[0]).toMatchObject({ facts: [{ given: true }] });
  // As many as for one.
  expect(look.mock.calls.length).toBe(2 * looks);

  fleet.rows[0] = applicationRow({
    annotations: { 'backstage.io/entity-ref': 'component:default/another' },
  });
  const second = await openCard();
  expect(second.answers[0]).toMatchObject({ facts: [{ given: false }] });
  expect(look.mock.calls.length).toBe(3 * looks);
});
