import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { LiveClock } from '../../world/clock';
import { kubeconfig } from '../../world/kubeconfig';
import {
  deployment,
  job,
  startTestCluster,
  TestCluster,
} from './startTestCluster';

const isInstalled = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!isInstalled) {
  process.stdout.write(
    'kubectl is not installed: the tests that run it are left out\n',
  );
}

/** In real time, so fast that a rollout takes a moment. */
const SPEED = 100;

let cluster: TestCluster<LiveClock>;
let clock: LiveClock;
let dir: string;

beforeAll(async () => {
  clock = LiveClock.create({
    speed: SPEED,
    past: new Date(Date.now() - 60_000),
    onError: error => {
      throw error;
    },
  });
  cluster = await startTestCluster({
    clock,
    pullImage: image =>
      image.endsWith(':none')
        ? { found: false, message: `${image}: not found` }
        : { found: true, digest: 'sha256:0a' },
  });
  clock.goLive();
  dir = mkdtempSync(join(tmpdir(), 'sandbox-kubectl-'));
  writeFileSync(join(dir, 'config'), kubeconfig([cluster]));
});
afterAll(async () => {
  await cluster.close();
  clock.close();
  rmSync(dir, { recursive: true });
});
// A verb that the sandbox lacks would be answered with what it made up.
afterEach(() => {
  if (cluster.unimplemented.length > 0) {
    throw new Error(`Not implemented: ${cluster.unimplemented.join(', ')}`);
  }
});

interface Result {
  code: number;
  out: string;
  error: string;
}

/** Runs kubectl with a home of its own, so that it finds nobody's cache and settings. */
function kubectl(...args: string[]): Promise<Result> {
  return new Promise(resolve => {
    execFile(
      'kubectl',
      ['--namespace', 'storefront', ...args],
      {
        env: { ...process.env, HOME: dir, KUBECONFIG: join(dir, 'config') },
        timeout: 30_000,
      },
      (error, out, stderr) =>
        resolve({
          code: error ? Number(error.code ?? 1) : 0,
          out: String(out),
          error: String(stderr),
        }),
    );
  });
}

async function run(...args: string[]): Promise<string> {
  const result = await kubectl(...args);
  if (result.code !== 0) {
    throw new Error(`kubectl ${args.join(' ')}: ${result.error}`);
  }
  return result.out;
}

function file(name: string, ...objects: unknown[]): string {
  const path = join(dir, name);
  writeFileSync(path, objects.map(object => stringify(object)).join('---\n'));
  return path;
}

const jsonPath = (path: string, ...args: string[]) =>
  run('get', ...args, '-o', `jsonpath=${path}`);

(isInstalled ? describe : describe.skip)('kubectl', () => {
  it('applies on the server side, also what it has applied on its own before', async () => {
    const settings = (data: object) =>
      file('settings.yaml', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings' },
        data,
      });
    const serverSide = (path: string, ...more: string[]) =>
      kubectl('apply', '--server-side', '-f', path, ...more);
    await run('apply', '-f', settings({ a: '1', b: '1' }));
    const taken = await serverSide(settings({ a: '2', b: '1' }));
    expect([taken.out, taken.error]).toEqual([
      'configmap/settings serverside-applied\n',
      '',
    ]);
    // Its fields are those of the server side now: what is no longer applied goes.
    await serverSide(settings({ a: '2' }));
    expect(await jsonPath('{.data}', 'configmap', 'settings')).toBe(
      '{"a":"2"}',
    );
    const fromOther = settings({ a: '3' });
    const refused = await serverSide(fromOther, '--field-manager=other');
    expect([refused.code, refused.error]).toEqual([
      1,
      expect.stringContaining(
        'Apply failed with 1 conflict: conflict with "kubectl": .data.a',
      ),
    ]);
    await serverSide(fromOther, '--field-manager=other', '--force-conflicts');
    expect(
      await jsonPath(
        '{range .metadata.managedFields[*]}{.manager} {.operation} {.fieldsV1.f:data}{"\\n"}{end}',
        'configmap',
        'settings',
        '--show-managed-fields',
      ),
    ).toContain('other Apply {"f:a":{}}');
    const created = await serverSide(
      file('fresh.yaml', deployment({ name: 'fresh', replicas: 1 })),
    );
    expect(created.out).toBe('deployment.apps/fresh serverside-applied\n');
    await run('delete', 'configmap/settings', 'deployment/fresh');
  });

  it('applies, waits for the rollout, applies a change, goes back', async () => {
    const first = file(
      'orders.yaml',
      deployment({
        replicas: 3,
        container: { env: [{ name: 'A', value: '1' }] },
      }),
    );
    expect(await run('apply', '-f', first)).toBe(
      'deployment.apps/orders created\n',
    );
    expect(
      await run('rollout', 'status', 'deployment/orders', '--timeout=25s'),
    ).toContain('successfully rolled out');
    expect(await run('apply', '-f', first)).toBe(
      'deployment.apps/orders unchanged\n',
    );
    const second = file(
      'orders.yaml',
      deployment({
        replicas: 3,
        image: '127.0.0.1:5001/storefront/orders:v5.3.25',
        container: { env: [{ name: 'B', value: '2' }] },
      }),
    );
    const difference = await kubectl('diff', '-f', second);
    expect([difference.code, difference.out]).toEqual([
      1,
      expect.stringMatching(/^\+ .*orders:v5\.3\.25$/m),
    ]);
    expect(await run('apply', '-f', second)).toBe(
      'deployment.apps/orders configured\n',
    );
    await run('rollout', 'status', 'deployment/orders', '--timeout=25s');
    expect(
      await jsonPath(
        '{.spec.template.spec.containers[0].env}',
        'deployment',
        'orders',
      ),
    ).toBe('[{"name":"B","value":"2"}]');
    expect(await run('rollout', 'history', 'deployment/orders')).toMatch(
      /^1 +<none>\n2 +<none>/m,
    );
    await run('rollout', 'undo', 'deployment/orders');
    await run('rollout', 'status', 'deployment/orders', '--timeout=25s');
    expect(
      await jsonPath(
        '{.spec.template.spec.containers[0].image}',
        'deployment',
        'orders',
      ),
    ).toMatch(/:v5\.3\.24$/);
    expect(await run('get', 'deployments')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\norders +3\/3 +3 +3 +\d+s\n$/,
    );
    expect(await run('get', 'pods', '-o', 'wide')).toMatch(
      /^orders-\w+-\w{5} +1\/1 +Running +0 +\S+ +10\.244\.\S+ +ip-10-/m,
    );
    const description = await run('describe', 'deployment', 'orders');
    expect(description).toMatch(/Available +True +MinimumReplicasAvailable/);
    expect(description).toMatch(
      /ScalingReplicaSet .*deployment-controller +Scaled up replica set/,
    );
  }, 90_000);

  it('checks what it is given', async () => {
    const wrong = file(
      'wrong.yaml',
      deployment({ name: 'wrong', container: { imgae: 'x' } }),
    );
    const result = await kubectl('apply', '-f', wrong);
    expect(result.code).toBe(1);
    expect(result.error).toContain(
      'strict decoding error: unknown field "spec.template.spec.containers[0].imgae"',
    );
    const invalid = await kubectl(
      'apply',
      '-f',
      file('invalid.yaml', deployment({ name: 'invalid', replicas: -1 })),
    );
    expect(invalid.error).toContain(
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    expect(
      await run(
        'apply',
        '--dry-run=server',
        '-f',
        file('dry.yaml', deployment({ name: 'dry' })),
      ),
    ).toContain('created (server dry run)');
    expect((await kubectl('get', 'deployment', 'dry')).error).toContain(
      'deployments.apps "dry" not found',
    );
  }, 60_000);

  it('shows and waits for what goes wrong', async () => {
    const crash = deployment({
      name: 'crash',
      replicas: 1,
      image: '127.0.0.1:5001/storefront/orders:v5.4.0-crash',
    });
    const missing = deployment({
      name: 'missing',
      replicas: 1,
      image: '127.0.0.1:5001/storefront/orders:none',
    });
    await run('apply', '-f', file('bad.yaml', crash, missing));
    await run(
      'wait',
      'pod',
      '-l',
      'app.kubernetes.io/name=crash',
      // Its number of restarts goes on: a kubectl that starts late would never see a certain one.
      '--for=jsonpath={.status.containerStatuses[0].lastState.terminated.reason}=Error',
      '--timeout=25s',
    );
    expect(await run('logs', '--previous', 'deployment/crash')).toContain(
      'TypeError: Cannot read properties',
    );
    expect(
      await run('describe', 'pod', '-l', 'app.kubernetes.io/name=crash'),
    ).toMatch(/BackOff .*Back-off restarting failed container crash/);
    expect(
      await run('get', 'pods', '-l', 'app.kubernetes.io/name=missing'),
    ).toMatch(/ (ErrImagePull|ImagePullBackOff) /);
    expect((await kubectl('logs', 'deployment/missing')).error).toContain(
      'is waiting to start: trying and failing to pull image',
    );
    expect(
      await run('get', 'events', '--field-selector', 'type=Warning'),
    ).toMatch(/Failed to pull image/);
    await run('delete', '-f', join(dir, 'bad.yaml'), '--wait', '--timeout=25s');
    await run(
      'wait',
      'pod',
      '-l',
      'app.kubernetes.io/name in (crash, missing)',
      '--for=delete',
      '--timeout=25s',
    );
  }, 90_000);

  it('runs a job to its end and reads its log', async () => {
    await run('apply', '-f', file('job.yaml', job({})));
    await run(
      'wait',
      'job/orders-migrate',
      '--for=condition=complete',
      '--timeout=25s',
    );
    expect(await run('logs', 'job/orders-migrate')).toMatch(
      /schema is at version v5\.3\.25\n$/,
    );
    expect(await run('get', 'jobs')).toMatch(
      /orders-migrate +Complete +1\/1 +\S+ +\S+/,
    );
    expect(await run('delete', 'job', 'orders-migrate')).toContain(
      'job.batch "orders-migrate" deleted',
    );
    await run(
      'wait',
      'pod',
      '-l',
      'job-name=orders-migrate',
      '--for=delete',
      '--timeout=25s',
    );
  }, 60_000);

  it('runs commands in a container', async () => {
    await run(
      'apply',
      '-f',
      file('shell.yaml', deployment({ name: 'shell', replicas: 1 })),
    );
    await run('rollout', 'status', 'deployment/shell', '--timeout=25s');
    const hostname = await run(
      'exec',
      'deployment/shell',
      '--',
      'cat',
      '/etc/hostname',
    );
    expect(hostname).toMatch(/^shell-\w+-\w{5}\n$/);
    const failing = await kubectl(
      'exec',
      'deployment/shell',
      '--',
      'sh',
      '-c',
      'echo x; nothing; exit 3',
    );
    expect([failing.code, failing.out]).toEqual([3, 'x\n']);
    expect(failing.error).toContain('sh: nothing: not found');
    expect(failing.error).toContain('command terminated with exit code 3');
    expect(
      (await kubectl('exec', 'deployment/shell', '--', 'bash')).error,
    ).toContain('executable file not found in $PATH');
    await run('delete', 'deployment', 'shell');
  }, 60_000);

  it('shows the other controllers, and what pods and nodes use', async () => {
    const labels = { 'app.kubernetes.io/name': 'store' };
    const container = {
      name: 'store',
      image: '127.0.0.1:5001/storefront/store:v1.0.0',
      resources: { requests: { cpu: '100m', memory: '128Mi' } },
    };
    const template = {
      metadata: { labels },
      spec: { containers: [container] },
    };
    const named = (apiVersion: string, kind: string, spec: object) => ({
      apiVersion,
      kind,
      metadata: { name: 'store' },
      spec,
    });
    await run(
      'apply',
      '-f',
      file(
        'store.yaml',
        named('apps/v1', 'StatefulSet', {
          replicas: 2,
          serviceName: 'store',
          selector: { matchLabels: labels },
          template,
        }),
        named('apps/v1', 'DaemonSet', {
          selector: { matchLabels: { role: 'agent' } },
          template: { ...template, metadata: { labels: { role: 'agent' } } },
        }),
        named('batch/v1', 'CronJob', {
          schedule: '*/5 * * * *',
          jobTemplate: {
            spec: {
              template: {
                spec: {
                  restartPolicy: 'Never',
                  containers: [
                    { name: 'a', image: 'busybox', command: ['true'] },
                  ],
                },
              },
            },
          },
        }),
        named('autoscaling/v2', 'HorizontalPodAutoscaler', {
          scaleTargetRef: {
            apiVersion: 'apps/v1',
            kind: 'StatefulSet',
            name: 'store',
          },
          minReplicas: 2,
          maxReplicas: 3,
        }),
        named('policy/v1', 'PodDisruptionBudget', {
          minAvailable: 1,
          selector: { matchLabels: labels },
        }),
      ),
    );
    for (const workload of ['statefulset/store', 'daemonset/store']) {
      await run('rollout', 'status', workload, '--timeout=25s');
    }
    expect(await run('get', 'sts,ds,cj')).toMatch(
      /statefulset\.apps\/store +2\/2 [\s\S]*daemonset\.apps\/store +3 +3 +3 +3 +3 [\s\S]*cronjob\.batch\/store +\*\/5 \* \* \* \* +<none> +False/,
    );
    await run(
      'wait',
      'hpa/store',
      '--for=condition=ScalingActive',
      '--timeout=25s',
    );
    expect(await run('get', 'hpa')).toMatch(
      /StatefulSet\/store +cpu: \d+%\/80% +2 +3 +2/,
    );
    expect(await run('describe', 'pdb', 'store')).toMatch(
      /Allowed disruptions: +1/,
    );
    expect(await run('rollout', 'history', 'statefulset/store')).toMatch(
      /^1 /m,
    );
    expect(await run('describe', 'cronjob', 'store')).toContain('*/5 * * * *');
    expect(await run('top', 'nodes')).toMatch(/ip-10-\S+ +\d+m +\d+% +\d+Mi/);
    expect(await run('top', 'pods', '-l', 'role=agent')).toMatch(
      /store-\w{5} +\d+m +\d+Mi/,
    );
    await run('delete', '-f', join(dir, 'store.yaml'), '--timeout=25s');
  }, 90_000);

  it('creates, labels, annotates, patches, scales, restarts, deletes', async () => {
    const settings = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
      data: { colour: 'red' },
    };
    await run('create', '-f', file('settings.yaml', settings));
    await run('label', 'configmap', 'settings', 'team=storefront');
    await run('annotate', 'configmap', 'settings', 'note=x');
    await run(
      'patch',
      'configmap',
      'settings',
      '--type=merge',
      '-p',
      '{"data":{"colour":"blue"}}',
    );
    await run(
      'patch',
      'configmap',
      'settings',
      '--type=json',
      '-p',
      '[{"op":"add","path":"/data/size","value":"9"}]',
    );
    expect(
      await jsonPath(
        '{.data.colour} {.data.size} {.metadata.labels.team}',
        'configmap',
        'settings',
      ),
    ).toBe('blue 9 storefront');
    await run('delete', 'configmap', 'settings');
    await run(
      'apply',
      '-f',
      file('scaled.yaml', deployment({ name: 'scaled', replicas: 1 })),
    );
    await run('scale', 'deployment/scaled', '--replicas=2');
    await run('rollout', 'restart', 'deployment/scaled');
    await run('rollout', 'status', 'deployment/scaled', '--timeout=25s');
    await run(
      'wait',
      'deployment/scaled',
      '--for=condition=Available',
      '--timeout=25s',
    );
    expect(
      await jsonPath('{.status.availableReplicas}', 'deployment', 'scaled'),
    ).toBe('2');
    await run('delete', 'deployment', 'scaled');
    const { nodeName } = cluster.pods()[0].spec;
    expect(
      await run(
        'drain',
        nodeName,
        '--ignore-daemonsets',
        '--force',
        '--delete-emptydir-data',
      ),
    ).toContain(`node/${nodeName} drained`);
    expect(cluster.pods().map(pod => pod.spec.nodeName)).not.toContain(
      nodeName,
    );
    await run('uncordon', nodeName);
    expect(await run('auth', 'can-i', 'list', 'pods')).toBe('yes\n');
    expect(await run('auth', 'can-i', '--list')).toMatch(
      /^\*\.\* +\[\] +\[\] +\[\*\]$/m,
    );
    expect(await run('get', 'clusterrolebindings', '-o', 'wide')).toMatch(
      /^cluster-admin +ClusterRole\/cluster-admin +\S+ +system:masters/m,
    );
    expect(await run('get', 'nodes')).toMatch(/ Ready +<none> +\S+ +v1\.34\.2/);
    expect(await run('describe', 'node')).toContain('Allocated resources');
    expect(await run('explain', 'deployment.spec.strategy')).toContain(
      'rollingUpdate',
    );
    expect(await run('get', 'all', '--all-namespaces')).toContain(
      'service/kubernetes',
    );
  }, 90_000);
});
