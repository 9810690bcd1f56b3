import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import kubernetesPlugin from '@backstage/plugin-kubernetes-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { FleetService } from '@switchyard/fleet-node';
import { createExecutor } from '@switchyard/fleet-node/exec';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import request from 'supertest';
import kubernetesModuleFleet from '../index';
import { looksAtFleet } from './looksAtFleet';

jest.setTimeout(120_000);

const PORTAL = 'system:serviceaccount:switchyard:switchyard';
/** API servers of 1.35 and later ask for it. */
const OF_NEWER_SERVERS = 'create pods/exec';

/** Of kubernetes-rbac-operations.yaml: what runs do with it, and that they use all of it, the tests of the deploys module show. */
const OF_OPERATIONS = 'switchyard-operate';

/** The sandbox's clusters give the portal what docs/install/kubernetes-rbac.yaml says. */
describe('the rights that docs/install asks for', () => {
  const { signal } = new AbortController();
  let dir: string;
  let sandbox: SandboxHandle;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let fleet: FleetService;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fleet-rights-'));
    sandbox = await startSandbox({ dir });
    backend = await startTestBackend({
      features: [
        kubernetesPlugin,
        kubernetesModuleFleet,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Component',
              metadata: {
                name: 'orders',
                annotations: {
                  'backstage.io/kubernetes-label-selector':
                    'app.kubernetes.io/name=orders',
                },
              },
            },
          ],
        }),
        looksAtFleet(service => {
          fleet = service;
        }),
        mockServices.rootConfig.factory({
          data: {
            switchyard: { fleet: { answerKubernetesTab: true } },
            kubernetes: {
              serviceLocatorMethod: { type: 'multiTenant' },
              clusterLocatorMethods: [
                {
                  type: 'config',
                  clusters: sandbox.clusters.map(({ name, url, token }) => ({
                    name,
                    url,
                    authProvider: 'serviceAccount',
                    serviceAccountToken: token,
                  })),
                },
              ],
            },
          },
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await sandbox?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('let it read every kind that it watches', async () => {
    await eventually(() =>
      expect(fleet.clusters().map(({ state }) => state)).toEqual([
        'live',
        'live',
        'live',
      ]),
    );
    await eventually(() =>
      expect(
        fleet
          .clusters()
          .flatMap(({ name, kinds }) =>
            kinds
              .filter(({ state }) => state !== 'live')
              .map(({ kind, state }) => `${name} ${kind} ${state}`),
          ),
      ).toEqual([]),
    );
    const kinds = fleet
      .clusters()
      .find(({ name }) => name === 'dev')!
      .kinds.map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['Pod', 'Rollout', 'AnalysisRun', 'Ingress']),
    );
  });

  it('let it answer the standard tab without an error', async () => {
    const { status, body } = await request(backend.server)
      .post('/api/kubernetes/resources/workloads/query')
      .send({ entityRef: 'component:default/orders', auth: {} });
    expect(status).toBe(200);
    expect(body.items.map((item: any) => item.errors)).toEqual([[], [], []]);
  });

  it('let it read logs and metrics, and start a process', async () => {
    const [pod] = fleet
      .pods({
        cluster: 'dev',
        labels: { 'app.kubernetes.io/name': 'orders' },
      })
      .filter(({ phase }) => phase === 'Running');
    const { cluster, namespace, name } = pod;
    const container = pod.containers[0].name;
    const lines = [];
    for await (const line of await fleet.podLogs({
      cluster,
      namespace,
      pod: name,
      container,
      tailLines: 1,
      signal,
    })) {
      lines.push(line);
    }
    expect(lines).toHaveLength(1);
    const metrics = await fleet.podMetrics({ cluster, namespace }, { signal });
    expect(metrics).toMatchObject({ state: 'read' });
    const session = await createExecutor({ fleet }).open({
      cluster,
      namespace,
      pod: name,
      container,
      command: ['true'],
      signal,
    });
    await expect(session.ended).resolves.toEqual({ by: 'exit', exitCode: 0 });
  });

  it('were all used, and no other was asked for', async () => {
    const response = await fetch(`${sandbox.faults.url}/api/counts`);
    const { rights } = (await response.json()) as {
      rights: Record<'used' | 'refused', Record<string, number>>;
    };
    expect(rights.refused).toEqual({});
    const used = Object.keys(rights.used).map(each =>
      each.replace(`${PORTAL} `, ''),
    );
    const given = await rightsIn(sandbox.clusters[0]);
    expect(given.length).toBeGreaterThan(30);
    expect(given.filter(right => !used.includes(right))).toEqual([
      OF_NEWER_SERVERS,
    ]);
  });
});

/** `list pods` and so on, of all roles that kubernetes-rbac.yaml makes. */
async function rightsIn({
  url,
  tokens,
}: SandboxHandle['clusters'][number]): Promise<string[]> {
  const response = await fetch(
    `${url}/apis/rbac.authorization.k8s.io/v1/clusterroles`,
    { headers: { authorization: `Bearer ${tokens.admin}` } },
  );
  const { items } = (await response.json()) as any;
  return items
    .filter(
      ({ metadata: { name } }: any) =>
        name.startsWith('switchyard-') && name !== OF_OPERATIONS,
    )
    .flatMap(({ rules }: any) => rules)
    .flatMap(({ apiGroups: [group], resources, verbs }: any) =>
      resources.flatMap((resource: string) => {
        const [plural, subresource] = resource.split('/');
        const kind = group ? `${plural}.${group}` : plural;
        return verbs.map(
          (verb: string) =>
            `${verb} ${kind}${subresource ? `/${subresource}` : ''}`,
        );
      }),
    );
}

async function eventually(check: () => unknown): Promise<void> {
  const endsAt = Date.now() + 20_000;
  for (;;) {
    try {
      check();
      return;
    } catch (error) {
      if (Date.now() > endsAt) throw error;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}
