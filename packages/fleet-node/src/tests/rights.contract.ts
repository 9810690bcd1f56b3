import { mockServices } from '@backstage/backend-test-utils';
import {
  KubernetesObject,
  loadAllYaml,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { createExecutor } from '../exec';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from './eventually';
import {
  makePortalAccount,
  PortalAccount,
  readInstallFile,
  withToken,
} from './portalAccount';
import { ShellPod, shellPods } from './shellPod';

const IN_TIME = { timeoutMs: 60_000 };
const FILE = 'kubernetes-rbac.yaml';
const TERMINAL = 'switchyard-terminal';

interface Role extends KubernetesObject {
  rules: Array<{ apiGroups: string[]; resources: string[]; verbs: string[] }>;
}

// The sandbox is held to the same file by its own tests.
const [, ...real] = shellPods('the rights of the portal are');

(real.length > 0 ? describe : describe.skip)(
  'what docs/install gives the portal in a real cluster',
  () => {
    const undo: Array<() => unknown> = [];
    let shell: ShellPod;
    let account: PortalAccount;
    let rbac: RbacAuthorizationV1Api;
    let fleet: DefaultFleet;

    /** Takes a right away, or gives one. */
    async function change(role: string, edit: (role: Role) => void) {
      const name = role.replace('switchyard', account.name);
      const body = await rbac.readClusterRole({ name });
      edit(body as Role);
      await rbac.replaceClusterRole({ name, body });
    }
    const without = (resource: string, verbs?: string[]) => (role: Role) => {
      for (const rule of role.rules) {
        if (!rule.resources.includes(resource)) continue;
        if (verbs) rule.verbs = verbs;
        else rule.resources = rule.resources.filter(each => each !== resource);
      }
      role.rules = role.rules.filter(({ resources }) => resources.length > 0);
    };

    async function openFleet() {
      const logger = mockServices.logger.mock();
      const opened = DefaultFleet.create({
        argo: [],
        logger: mockServices.logger.mock({ child: () => logger }),
      });
      undo.push(() => opened.stop());
      opened.setClusterSource(async () => [
        {
          ...withToken(shell.cluster, account.token),
          resources: [
            { group: '', version: 'v1', plural: 'services' },
            { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' },
            {
              group: 'autoscaling',
              version: 'v2',
              plural: 'horizontalpodautoscalers',
            },
          ],
        },
      ]);
      await eventually(() => opened.clusters().length > 0, IN_TIME);
      return opened;
    }

    beforeAll(async () => {
      shell = await real[0][1]();
      undo.push(() => shell.close());
      rbac = shell.cluster.kubeConfig.makeApiClient(RbacAuthorizationV1Api);
      account = await makePortalAccount(shell.cluster, [FILE]);
      undo.push(() => account.close());
      fleet = await openFleet();
    });
    afterAll(async () => {
      for (const each of undo.reverse()) await each();
    });

    const statesOf = (of: DefaultFleet) =>
      Object.fromEntries(
        (of.clusters()[0]?.kinds ?? []).map(({ kind, state }) => [kind, state]),
      );
    const readLog = async () => {
      const lines: string[] = [];
      for await (const line of await fleet.podLogs({
        ...shell.place,
        signal: AbortSignal.timeout(IN_TIME.timeoutMs),
      })) {
        lines.push(line);
      }
      return lines;
    };
    const startShell = () =>
      createExecutor({ fleet }).open({
        ...shell.place,
        command: ['true'],
        signal: AbortSignal.timeout(IN_TIME.timeoutMs),
      });
    const readMetrics = (of: DefaultFleet) =>
      of.podMetrics(shell.place, {
        signal: AbortSignal.timeout(IN_TIME.timeoutMs),
      });

    it('is enough to watch every kind that there is', async () => {
      await eventually(() => {
        const states = Object.values(statesOf(fleet));
        return states.length > 0 && states.every(state => state === 'live');
      }, IN_TIME);
      expect(statesOf(fleet)).toMatchObject({
        Pod: 'live',
        Event: 'live',
        Node: 'live',
        Deployment: 'live',
        ReplicaSet: 'live',
        StatefulSet: 'live',
        DaemonSet: 'live',
        Job: 'live',
        CronJob: 'live',
        Service: 'live',
        Ingress: 'live',
        HorizontalPodAutoscaler: 'live',
      });
      const { namespace, pod: name } = shell.place;
      expect(fleet.pods({ namespace, name })).toHaveLength(1);
      expect(fleet.clusters()[0].problem).toBeUndefined();
    });

    it('is enough for metrics, where there are any, and for logs where there are containers', async () => {
      expect(['read', 'none']).toContain((await readMetrics(fleet)).state);
      if (shell.runBy === 'none') return;
      await expect(readLog()).resolves.toEqual(expect.any(Array));
    });

    it('starts no process until the role for that is bound, and then does', async () => {
      await expect(startShell()).rejects.toMatchObject({
        name: 'ServiceUnavailableError',
        message:
          "The portal's account may not start a process in a container in cluster real",
      });
      const { namespace } = shell.place;
      await rbac.createNamespacedRoleBinding({
        namespace,
        body: {
          metadata: { name: 'terminal' },
          roleRef: {
            apiGroup: 'rbac.authorization.k8s.io',
            kind: 'ClusterRole',
            name: TERMINAL.replace('switchyard', account.name),
          },
          subjects: [
            {
              kind: 'ServiceAccount',
              name: account.name,
              namespace: account.name,
            },
          ],
        },
      });
      const isAllowed = () =>
        startShell().then(
          session => session.ended.then(() => true),
          error => error.name !== 'ServiceUnavailableError' || undefined,
        );
      if (shell.runBy !== 'none') await eventually(isAllowed, IN_TIME);
    });

    it('says of each right that is missing what is not readable, and has the rest', async () => {
      await change('switchyard-read', role => {
        without('jobs')(role);
        without('events')(role);
        without('pods/log')(role);
      });
      // Rights reach an authorizer some moments later.
      const state = async () => {
        const error = await readLog().catch(each => each);
        return error.name === 'ServiceUnavailableError' && error;
      };
      const refused = await eventually(state, IN_TIME);
      expect(refused.message).toBe(
        "The portal's account may not read logs in cluster real",
      );
      const other = await openFleet();
      await eventually(
        () =>
          other.clusters()[0]?.kinds.length > 0 &&
          Object.values(statesOf(other)).every(each =>
            ['live', 'not-readable'].includes(each),
          ),
        IN_TIME,
      );
      expect(other.clusters()[0].state).toBe('live');
      expect(statesOf(other)).toMatchObject({
        Job: 'not-readable',
        Event: 'not-readable',
        Pod: 'live',
        Deployment: 'live',
      });

      await change('switchyard-read', role => {
        role.rules = role.rules.filter(
          ({ apiGroups }) => !apiGroups.includes('metrics.k8s.io'),
        );
      });
      await eventually(
        async () =>
          (await readMetrics(await openFleet())).state === 'not-readable',
        IN_TIME,
      );
    });

    it('reads no Secrets, and changes nothing', async () => {
      const rules = (loadAllYaml(await readInstallFile(FILE)) as Role[])
        .filter(({ kind }) => kind === 'ClusterRole')
        .filter(({ metadata }) => metadata!.name !== TERMINAL)
        .flatMap(role => role.rules);
      expect(rules.flatMap(({ resources }) => resources)).not.toContain(
        'secrets',
      );
      expect(
        Array.from(new Set(rules.flatMap(({ verbs }) => verbs))).sort(),
      ).toEqual(['get', 'list', 'watch']);
    });
  },
);
