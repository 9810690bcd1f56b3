import { randomBytes } from 'node:crypto';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import kubernetesPlugin from '@backstage/plugin-kubernetes-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import { realCluster } from '@switchyard/contract-worlds';
import { FleetService } from '@switchyard/fleet-node';
import request from 'supertest';
import kubernetesModuleFleet from '../index';
import { looksAtFleet } from './looksAtFleet';
import { eventually, normal } from './tabAnswers';

jest.setTimeout(120_000);

const IMAGE = 'registry.k8s.io/pause:3.10';
const REPLICAS = 2;
const KINDS = [
  'configmaps',
  'cronjobs',
  'customresources',
  'deployments',
  'horizontalpodautoscalers',
  'ingresses',
  'jobs',
  'limitranges',
  'pods',
  'replicasets',
  'services',
  'statefulsets',
];
const BUDGETS = {
  group: 'policy',
  apiVersion: 'v1',
  plural: 'poddisruptionbudgets',
};
const DEFINITIONS = {
  group: 'apiextensions.k8s.io',
  apiVersion: 'v1',
  plural: 'customresourcedefinitions',
};
const NOT_SERVED = {
  group: 'switchyard.invalid',
  apiVersion: 'v1',
  plural: 'widgets',
};

const real = realCluster();
if (!real)
  console.log(
    'No SWITCHYARD_CONTRACT_KUBECONFIG: the Kubernetes tab is compared in the sandbox only.',
  );

(real ? describe : describe.skip)(
  'the standard Kubernetes tab of a real cluster',
  () => {
    const own = `switchyard-contract-${randomBytes(4).toString('hex')}`;
    const labels = { app: own, 'backstage.io/kubernetes-id': own };
    const selector = (text: string) => ({
      'backstage.io/kubernetes-label-selector': text,
    });
    const entities = Object.entries({
      'by-selector': selector(`app=${own}`),
      'by-set': selector(`app in (${own}, other),!canary`),
      placed: {
        ...selector(`app=${own}`),
        'backstage.io/kubernetes-namespace': own,
      },
      elsewhere: {
        ...selector(`app=${own}`),
        'backstage.io/kubernetes-namespace': 'default',
      },
      'by-id': { 'backstage.io/kubernetes-id': own },
    }).map(([name, annotations]) => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: { name, annotations: annotations as Record<string, string> },
      spec: { type: 'service' },
    }));
    let plain: Awaited<ReturnType<typeof start>>;
    let ours: Awaited<ReturnType<typeof start>>;

    async function start(answerKubernetesTab: boolean) {
      let fleet: FleetService;
      const { token } = await real!.credential();
      if (!token)
        throw new Error(
          'The user in SWITCHYARD_CONTRACT_KUBECONFIG needs a token: the Kubernetes plugin takes no client certificate',
        );
      const backend = await startTestBackend({
        features: [
          kubernetesPlugin,
          kubernetesModuleFleet,
          catalogServiceMock.factory({ entities }),
          looksAtFleet(found => {
            fleet = found;
          }),
          mockServices.rootConfig.factory({
            data: {
              switchyard: { fleet: { answerKubernetesTab } },
              kubernetes: {
                serviceLocatorMethod: { type: 'multiTenant' },
                customResources: [BUDGETS, NOT_SERVED],
                clusterLocatorMethods: [
                  {
                    type: 'config',
                    clusters: [
                      {
                        name: 'real',
                        url: real!.url,
                        authProvider: 'serviceAccount',
                        serviceAccountToken: token,
                        skipMetricsLookup: true,
                        ...(real!.caData && { caData: real!.caData }),
                        skipTLSVerify: real!.skipTLSVerify ?? false,
                      },
                    ],
                  },
                ],
              },
            },
          }),
        ],
      });
      return { backend, fleet: () => fleet };
    }

    /** One of each kind that the plugin shows. */
    async function makeObjects() {
      const objects = KubernetesObjectApi.makeApiClient(real!.kubeConfig);
      const metadata = { name: own, namespace: own, labels };
      const template = {
        metadata: { labels },
        spec: {
          restartPolicy: 'Always',
          containers: [{ name: 'main', image: IMAGE }],
        },
      };
      const job = {
        template: {
          ...template,
          spec: { ...template.spec, restartPolicy: 'Never' },
        },
      };
      for (const object of [
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: own },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata,
          spec: {
            replicas: REPLICAS,
            selector: { matchLabels: { app: own } },
            template,
          },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          metadata,
          spec: {
            replicas: 1,
            serviceName: own,
            selector: { matchLabels: { app: own } },
            template,
          },
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata,
          spec: { selector: { app: own }, ports: [{ port: 80 }] },
        },
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata,
          data: { colour: 'red' },
        },
        {
          apiVersion: 'v1',
          kind: 'LimitRange',
          metadata,
          spec: {
            limits: [{ type: 'Container', defaultRequest: { cpu: '10m' } }],
          },
        },
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata,
          spec: {
            defaultBackend: { service: { name: own, port: { number: 80 } } },
          },
        },
        {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata,
          spec: {
            minReplicas: REPLICAS,
            maxReplicas: REPLICAS,
            scaleTargetRef: {
              apiVersion: 'apps/v1',
              kind: 'Deployment',
              name: own,
            },
          },
        },
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata,
          spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } },
        },
        { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: job },
        {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata,
          spec: { minAvailable: 1, selector: { matchLabels: { app: own } } },
        },
      ]) {
        await objects.create(object);
      }
    }

    beforeAll(async () => {
      await makeObjects();
      plain = await start(false);
      ours = await start(true);
      await eventually(() => {
        const pods = ours.fleet().pods({ cluster: 'real', namespace: own });
        const running = pods.filter(({ phase }) => phase === 'Running');
        if (running.length !== REPLICAS + 1) throw new Error('Not yet');
      });
    });

    afterAll(async () => {
      await plain?.backend.stop();
      await ours?.backend.stop();
      await real!.kubeConfig
        .makeApiClient(CoreV1Api)
        .deleteNamespace({ name: own });
    });

    async function ask(
      { backend }: typeof plain,
      name: string,
      customResources?: object[],
    ) {
      const query = customResources ? 'custom' : 'workloads';
      const response = await request(backend.server)
        .post(`/api/kubernetes/resources/${query}/query`)
        .send({
          entityRef: `component:default/${name}`,
          auth: {},
          ...(customResources && { customResources }),
        });
      return { status: response.status, body: normal(response.body) };
    }

    async function compare(name: string, customResources?: object[]) {
      let answer: Awaited<ReturnType<typeof ask>>;
      await eventually(async () => {
        answer = await ask(ours, name, customResources);
        expect(answer.status).toBe(200);
        expect(answer).toEqual(await ask(plain, name, customResources));
      });
      return answer!.body.items[0];
    }

    const kindsOf = ({ resources }: any) =>
      resources
        .filter((each: any) => each.resources.length > 0)
        .map(({ type }: any) => type)
        .sort();

    it.each(entities.map(({ metadata }) => metadata.name))(
      'has the same objects as before: %s',
      async name => {
        const item = await compare(name);
        expect(item.cluster.name).toBe('real');
        const kinds = kindsOf(item);
        expect(KINDS.filter(kind => kinds.includes(kind))).toEqual(
          name === 'elsewhere' ? [] : KINDS,
        );
        expect(item.errors).toContainEqual(
          expect.objectContaining({
            errorType: 'NOT_FOUND',
            resourcePath: expect.stringMatching(
              /^\/apis\/switchyard\.invalid\/v1\/(.*\/)?widgets$/,
            ),
          }),
        );
      },
    );

    it('has the same custom resources by matcher', async () => {
      const item = await compare('by-selector', [
        BUDGETS,
        { group: 'apps', apiVersion: 'v1', plural: 'deployments' },
      ]);
      expect(
        item.resources.flatMap((each: any) => each.resources),
      ).toHaveLength(2);
      await compare('by-id', [DEFINITIONS]);
      await compare('by-id', [NOT_SERVED]);
    });
  },
);
