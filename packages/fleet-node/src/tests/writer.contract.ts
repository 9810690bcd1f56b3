import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices } from '@backstage/backend-test-utils';
import {
  AppsV1Api,
  CoreV1Api,
  KubernetesObject,
  RbacAuthorizationV1Api,
  V1Deployment,
} from '@kubernetes/client-node';
import { createKubernetesWriter, KubernetesWriter } from '../effects';
import { DefaultFleet } from '../service/DefaultFleet';
import { ResourceName } from '../types';
import { ClusterWorld, clusterWorlds } from './clusterWorlds';
import { eventually } from './eventually';
import { makePortalAccount, withToken } from './portalAccount';

const IN_TIME = { timeoutMs: 60_000 };
const REPLICAS = 2;
const FILES = ['kubernetes-rbac.yaml', 'kubernetes-rbac-operations.yaml'];
const RESTARTED = 'switchyard/restarted-by-run';

/** The portal's account, and the ClusterRoleBinding by which it may change workloads. */
async function portalOf({ cluster, portalToken }: ClusterWorld) {
  if (portalToken)
    return {
      cluster: withToken(cluster, portalToken),
      operate: 'switchyard-operate',
      close: async () => undefined,
    };
  const { name, token, close } = await makePortalAccount(cluster, FILES);
  return {
    cluster: withToken(cluster, token),
    operate: `${name}-operate`,
    close,
  };
}

describe.each(clusterWorlds('what changes workloads is'))(
  'changing workloads in %s',
  (_, open) => {
    const namespace = `switchyard-contract-${randomBytes(4).toString('hex')}`;
    let world: ClusterWorld;
    let portal: Awaited<ReturnType<typeof portalOf>>;
    let fleet: DefaultFleet;
    let writer: KubernetesWriter;
    let core: CoreV1Api;
    let apps: AppsV1Api;
    /** The same, with the portal's rights. */
    let portalApps: AppsV1Api;
    let named = 0;

    const KINDS = {
      Deployment: {
        plural: 'deployments',
        read: (name: string) =>
          apps.readNamespacedDeployment({ name, namespace }),
      },
      StatefulSet: {
        plural: 'statefulsets',
        read: (name: string) =>
          apps.readNamespacedStatefulSet({ name, namespace }),
      },
      DaemonSet: {
        plural: 'daemonsets',
        read: (name: string) =>
          apps.readNamespacedDaemonSet({ name, namespace }),
      },
    };
    type Kind = keyof typeof KINDS;

    async function create(kind: Kind, replicas = REPLICAS): Promise<string> {
      named += 1;
      const name = `${kind.toLowerCase()}-${named}`;
      const labels = { app: name };
      const body: any = {
        apiVersion: 'apps/v1',
        kind,
        metadata: { name, namespace, annotations: { 'contract/kept': 'yes' } },
        spec: {
          ...(kind !== 'DaemonSet' && { replicas }),
          ...(kind === 'StatefulSet' && { serviceName: name }),
          selector: { matchLabels: labels },
          template: {
            metadata: { labels, annotations: { 'contract/kept': 'yes' } },
            spec: {
              terminationGracePeriodSeconds: 1,
              containers: [{ name: 'main', image: world.images[1] }],
            },
          },
        },
      };
      if (kind === 'Deployment')
        await apps.createNamespacedDeployment({ namespace, body });
      else if (kind === 'StatefulSet')
        await apps.createNamespacedStatefulSet({ namespace, body });
      else await apps.createNamespacedDaemonSet({ namespace, body });
      return name;
    }

    /** The workload, once its controller writes nothing more into it. */
    async function still(kind: Kind, name: string) {
      let seen = '';
      let since = Date.now();
      await eventually(async () => {
        const { metadata, status } = await KINDS[kind].read(name);
        if (metadata!.resourceVersion !== seen) since = Date.now();
        seen = metadata!.resourceVersion!;
        await sleep(100);
        return (
          status?.observedGeneration === metadata!.generation &&
          Date.now() - since > 1_500
        );
      }, IN_TIME);
      const { metadata, spec } = await KINDS[kind].read(name);
      return { metadata: metadata!, spec: spec! };
    }

    const podsOf = (name: string) =>
      fleet
        .pods({ cluster: world.cluster.name, namespace, labels: { app: name } })
        .filter(pod => pod.ready && !pod.deletedAt)
        .map(({ uid }) => uid);

    const patch = (
      what: { kind?: Kind; name: string; resource?: ResourceName },
      resourceVersion: string,
      change: object,
      subresource?: 'status',
    ) => {
      const { kind = 'Deployment', name, resource } = what;
      const { plural } = KINDS[kind];
      return writer.patch(
        {
          cluster: world.cluster.name,
          namespace,
          name,
          resource: resource ?? { group: 'apps', version: 'v1', plural },
        },
        { resourceVersion, change: change as {}, subresource },
        { signal: AbortSignal.timeout(IN_TIME.timeoutMs) },
      );
    };
    const restart = (runId: string) => ({
      spec: { template: { metadata: { annotations: { [RESTARTED]: runId } } } },
    });
    /** Of the answer that a portal's account gets from the API server itself. */
    const codeOf = (request: Promise<unknown>) =>
      request.then(
        () => 'done',
        error => error.code,
      );

    beforeAll(async () => {
      world = await open();
      portal = await portalOf(world);
      core = world.cluster.kubeConfig.makeApiClient(CoreV1Api);
      apps = world.cluster.kubeConfig.makeApiClient(AppsV1Api);
      portalApps = portal.cluster.kubeConfig.makeApiClient(AppsV1Api);
      const logger = mockServices.logger.mock();
      fleet = DefaultFleet.create({
        argo: [],
        logger: mockServices.logger.mock({ child: () => logger }),
      });
      fleet.setClusterSource(async () => [portal.cluster]);
      writer = createKubernetesWriter({ fleet });
      await core.createNamespace({ body: { metadata: { name: namespace } } });
      await eventually(() => fleet.clusters()[0]?.state === 'live', IN_TIME);
    });
    afterAll(async () => {
      fleet?.stop();
      await core?.deleteNamespace({ name: namespace });
      await portal?.close();
      await world?.close();
    });

    it.each<Kind>(['Deployment', 'StatefulSet', 'DaemonSet'])(
      'another annotation in the template of a %s replaces its pods, and changes nothing else',
      async kind => {
        const name = await create(kind);
        await eventually(() => podsOf(name).length > 0, IN_TIME);
        const before = await still(kind, name);
        const old = podsOf(name);

        const { resourceVersion } = before.metadata;
        const answer = await patch(
          { kind, name },
          resourceVersion!,
          restart('run-1'),
        );

        expect(answer).toEqual({
          uid: before.metadata.uid,
          resourceVersion: expect.not.stringMatching(`^${resourceVersion}$`),
          generation: before.metadata.generation! + 1,
        });
        await eventually(
          () =>
            podsOf(name).length === old.length &&
            podsOf(name).every(uid => !old.includes(uid)),
          IN_TIME,
        );
        const after = await still(kind, name);
        expect(after.metadata.generation).toBe(answer.generation);
        expect(after.metadata.annotations).toMatchObject({
          'contract/kept': 'yes',
        });
        expect(after.spec.template.metadata!.annotations).toEqual({
          'contract/kept': 'yes',
          [RESTARTED]: 'run-1',
        });
        expect(after.spec.template.spec).toEqual(before.spec.template.spec);
        expect(
          after.metadata.managedFields!.filter(
            ({ manager }) => manager === 'switchyard',
          ),
        ).toMatchObject([
          {
            operation: 'Update',
            fieldsV1: {
              'f:spec': {
                'f:template': {
                  'f:metadata': {
                    'f:annotations': { [`f:${RESTARTED}`]: {} },
                  },
                },
              },
            },
          },
        ]);
      },
    );

    it.each<Kind>(['Deployment', 'StatefulSet'])(
      'another size of a %s comes with the mark of the run, in one change',
      async kind => {
        const name = await create(kind);
        await eventually(() => podsOf(name).length === REPLICAS, IN_TIME);
        const before = await still(kind, name);
        const answer = await patch(
          { kind, name },
          before.metadata.resourceVersion!,
          {
            metadata: { annotations: { 'switchyard/scaled-by-run': 'run-1' } },
            spec: { replicas: REPLICAS + 1 },
          },
        );
        expect(answer.generation).toBe(before.metadata.generation! + 1);
        await eventually(() => podsOf(name).length === REPLICAS + 1, IN_TIME);
        const { metadata, spec } = await KINDS[kind].read(name);
        expect(metadata!.annotations).toMatchObject({
          'switchyard/scaled-by-run': 'run-1',
          'contract/kept': 'yes',
        });
        expect(spec!.template).toEqual(before.spec.template);
      },
    );

    it('refuses what rests on a version that somebody else has changed', async () => {
      const name = await create('Deployment', 0);
      const { metadata } = await still('Deployment', name);
      const body: V1Deployment = await KINDS.Deployment.read(name);
      body.metadata!.labels = { changed: 'by-somebody-else' };
      await apps.replaceNamespacedDeployment({ name, namespace, body });
      const theirs = await still('Deployment', name);

      await expect(
        patch({ name }, metadata.resourceVersion!, restart('run-1')),
      ).rejects.toMatchObject({
        kind: 'conflict',
        outcome: 'not-done',
        message: expect.stringContaining(`${namespace}/${name}`),
      });
      expect(await still('Deployment', name)).toEqual(theirs);
    });

    it('does once what is sent many times', async () => {
      const name = await create('Deployment', 0);
      const { metadata } = await still('Deployment', name);
      const { generation, resourceVersion } = metadata;

      const all = await Promise.allSettled(
        Array.from({ length: 8 }, (__, index) =>
          patch({ name }, resourceVersion!, restart(`run-${index}`)),
        ),
      );

      const refused = all.flatMap(each =>
        each.status === 'rejected' ? [each.reason] : [],
      );
      expect(refused).toHaveLength(7);
      for (const error of refused)
        expect(error).toMatchObject({ kind: 'conflict', outcome: 'not-done' });
      const after = await still('Deployment', name);
      expect(after.metadata.generation).toBe(generation! + 1);
      const winner = all.findIndex(({ status }) => status === 'fulfilled');
      expect(after.spec.template.metadata!.annotations).toMatchObject({
        [RESTARTED]: `run-${winner}`,
      });
    });

    it('touches no other object that has got the name', async () => {
      const name = await create('Deployment', 0);
      const { metadata } = await still('Deployment', name);
      const { uid, resourceVersion } = metadata;
      const body: V1Deployment = await KINDS.Deployment.read(name);
      await apps.deleteNamespacedDeployment({ name, namespace });
      await expect(
        patch({ name }, resourceVersion!, restart('run-1')),
      ).rejects.toMatchObject({ kind: 'not-found', outcome: 'not-done' });

      body.metadata = { name };
      await apps.createNamespacedDeployment({ namespace, body });
      const other = await still('Deployment', name);
      expect(other.metadata.uid).not.toBe(uid);
      await expect(
        patch({ name }, resourceVersion!, restart('run-1')),
      ).rejects.toMatchObject({ kind: 'conflict', outcome: 'not-done' });
      expect(await still('Deployment', name)).toEqual(other);
    });

    it.each([
      ['a size below zero', { replicas: -1 }, /replicas/],
      ['a size that is no number', { replicas: 'two' }, /replicas/],
    ])('is told why %s is refused', async (__, spec, why) => {
      const name = await create('Deployment', 0);
      const { metadata } = await still('Deployment', name);
      await expect(
        patch({ name }, metadata.resourceVersion!, { spec }),
      ).rejects.toMatchObject({
        kind: 'refused',
        outcome: 'not-done',
        message: expect.stringMatching(why),
      });
      expect((await still('Deployment', name)).metadata).toEqual(metadata);
    });

    describe('with the rights of docs/install', () => {
      const core1 = (plural: string) => ({ group: '', version: 'v1', plural });
      let name: string;
      let version: string;

      beforeAll(async () => {
        name = await create('Deployment', 0);
        const { metadata } = await still('Deployment', name);
        version = metadata.resourceVersion!;
      });

      it.each<[string, ResourceName]>([
        ['pods', core1('pods')],
        ['ConfigMaps', core1('configmaps')],
        ['Secrets', core1('secrets')],
        [
          'ReplicaSets',
          { group: 'apps', version: 'v1', plural: 'replicasets' },
        ],
      ])('%s cannot be changed', async (__, resource) => {
        await expect(
          patch({ name, resource }, version, {
            metadata: { labels: { a: 'b' } },
          }),
        ).rejects.toMatchObject({
          kind: 'forbidden',
          outcome: 'not-done',
          message: `The portal's account may not change ${resource.plural} in cluster ${world.cluster.name}`,
        });
      });

      it('Rollouts can, where there are any', async () => {
        const resource = {
          group: 'argoproj.io',
          version: 'v1alpha1',
          plural: 'rollouts',
        };
        await expect(
          patch({ name: 'nobody', resource }, version, {
            spec: { replicas: 1 },
          }),
        ).rejects.toMatchObject({ kind: 'not-found', outcome: 'not-done' });
      });

      it('a Deployment cannot be made, replaced, deleted, or changed by its subresources', async () => {
        const body: V1Deployment = await KINDS.Deployment.read(name);
        const at = { name, namespace };
        const fresh = { ...body, metadata: { name: 'fresh' } };
        const scale = [{ op: 'replace', path: '/spec/replicas', value: 1 }];
        expect([
          await codeOf(
            portalApps.createNamespacedDeployment({ namespace, body: fresh }),
          ),
          await codeOf(portalApps.replaceNamespacedDeployment({ ...at, body })),
          await codeOf(portalApps.deleteNamespacedDeployment(at)),
          await codeOf(
            portalApps.patchNamespacedDeploymentScale({ ...at, body: scale }),
          ),
        ]).toEqual([403, 403, 403, 403]);
        await expect(
          patch({ name }, version, { status: { replicas: 9 } }, 'status'),
        ).rejects.toMatchObject({ kind: 'forbidden', outcome: 'not-done' });
        expect((await KINDS.Deployment.read(name)).metadata).toMatchObject({
          resourceVersion: version,
        });
      });

      it('nothing can be changed while the role is not bound', async () => {
        const rbac = world.cluster.kubeConfig.makeApiClient(
          RbacAuthorizationV1Api,
        );
        const at = { name: portal.operate };
        const { roleRef, subjects } = await rbac.readClusterRoleBinding(at);
        await rbac.deleteClusterRoleBinding(at);
        const tried = () =>
          patch({ name }, version, {
            metadata: { annotations: { tried: String(Date.now()) } },
          }).then(
            answer => answer,
            error => error,
          );
        // Rights reach an authorizer some moments later.
        const refused = await eventually(async () => {
          const answer = await tried();
          if (answer.kind === 'forbidden') return answer;
          version = answer.resourceVersion ?? version;
          return undefined;
        }, IN_TIME);
        expect(refused.message).toBe(
          `The portal's account may not change deployments in cluster ${world.cluster.name}`,
        );
        await rbac.createClusterRoleBinding({
          body: {
            metadata: at as KubernetesObject['metadata'],
            roleRef,
            subjects,
          },
        });
        await eventually(async () => 'uid' in (await tried()), IN_TIME);
      });
    });
  },
);
