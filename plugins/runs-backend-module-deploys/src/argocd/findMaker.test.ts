import { Application, ApplicationRow } from '@switchyard/fleet-node';
import { applicationOf, applicationRow } from '../__testUtils__/applications';
import { findMaker } from './findMaker';

const resource = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  kind: 'Application',
  namespace: 'argocd',
  name: 'orders-blue',
};

it.each<
  [
    string,
    Application['metadata']['ownerReferences'],
    ApplicationRow['resources'],
    string | undefined,
  ]
>([
  ['nobody', undefined, [], undefined],
  [
    'an ApplicationSet',
    [
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'ApplicationSet',
        name: 'orders',
        uid: 'u',
      },
    ],
    [],
    'ApplicationSet orders',
  ],
  ['another Application', undefined, [resource], 'Application argocd/root'],
  [
    'one that has a namesake elsewhere',
    undefined,
    [{ ...resource, namespace: 'teams' }],
    undefined,
  ],
  [
    'one that has something else of its name',
    undefined,
    [{ ...resource, kind: 'AppProject' }],
    undefined,
  ],
])(
  'finds that %s makes an Application',
  (_, ownerReferences, resources, maker) => {
    const application = applicationOf();
    expect(
      findMaker(
        {
          ...application,
          metadata: { ...application.metadata, ownerReferences },
        },
        applicationRow(),
        {
          applications: () => [
            applicationRow(),
            applicationRow({ name: 'root', resources }),
          ],
        },
      ),
    ).toBe(maker);
  },
);
