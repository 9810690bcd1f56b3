import { randomBytes } from 'node:crypto';
import { CoreV1Api } from '@kubernetes/client-node';
import { ArgoCdApi } from '../argocd/ArgoCdApi';
import { Closers } from '../Closers';
import { GitWorkspace } from '../git/GitWorkspace';
import { ContractCluster, ContractDeployment, ContractWorld } from '../types';
import { tagOf, withTag } from '../version';
import { ArgoCdSetUp } from './ArgoCdSetUp';
import {
  applicationManifest,
  configMap,
  IMAGE,
  ordersManifest,
  VERSIONS,
  withoutStrandedMigration,
  withStrandedMigration,
} from './manifests';
import { MigrationFailer } from './MigrationFailer';
import { RealArgoCd, RealGit } from './realSystems';

const PATH = 'apps/orders';
const FILE = `${PATH}/orders.yaml`;
const OTHER_PATH = 'apps/other';
/** What every Argo CD calls the cluster that it runs in. */
const OWN_CLUSTER = 'https://kubernetes.default.svc';
/** Always open, or closed. */
const ALWAYS = { schedule: '* * * * *', duration: '1h' };

/** Makes a world of its own in systems that are given. */
export async function openRealWorld(systems: {
  cluster: ContractCluster;
  argocd: RealArgoCd;
  git: RealGit;
}): Promise<ContractWorld> {
  const closers = new Closers();
  try {
    return await open(systems, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function open(
  { cluster, argocd, git }: Parameters<typeof openRealWorld>[0],
  closers: Closers,
): Promise<ContractWorld> {
  const name = `switchyard-contract-${randomBytes(4).toString('hex')}`;
  const { repoUrl, access } = git;
  const core = cluster.kubeConfig.makeApiClient(CoreV1Api);
  const api = ArgoCdApi.create(argocd);
  const setUp = new ArgoCdSetUp({ api, closers });
  const workspace = await GitWorkspace.open({ repoUrl, access });
  closers.add('clone', () => workspace.close());
  await setUp.addCluster(cluster, name);
  await setUp.addRepository(repoUrl, access);
  const elsewhere = `${name}-apps`;
  if (argocd.takesNamespaces) {
    await core.createNamespace({ body: { metadata: { name: elsewhere } } });
    closers.add(`namespace ${elsewhere}`, () =>
      core.deleteNamespace({ name: elsewhere }),
    );
  }
  const { username: account } = await api.ask('GET', '/session/userinfo');

  const project = {
    name,
    repoUrl,
    destinations: [
      { server: cluster.url, namespace: `${name}-auto` },
      { server: cluster.url, namespace: `${name}-manual` },
      // Where Argo CD keeps Applications: some deploy others.
      { server: OWN_CLUSTER, namespace: '*' },
    ],
    sourceNamespaces: argocd.takesNamespaces ? [elsewhere] : [],
  };
  const limitedToken = await setUp.addProject(project);
  await setUp.addProject({ ...project, name: `${name}-other` });

  const deploy = async (which: string, autoSync: boolean) => {
    const own = `${name}-${which}`;
    await core.createNamespace({ body: { metadata: { name: own } } });
    closers.add(`namespace ${own}`, () => core.deleteNamespace({ name: own }));
    const failer = new MigrationFailer({ core, namespace: own });
    closers.add('failing migrations', () => failer.stop());
    const branch = await workspace.createBranch(own, {
      [FILE]: ordersManifest({ component: name, version: VERSIONS[0] }),
      [`${OTHER_PATH}/config.yaml`]: configMap('other'),
    });
    closers.add(`branch ${own}`, () => workspace.deleteBranch(own));
    const application = {
      name: own,
      project: name,
      component: name,
      repoUrl,
      branch: own,
      path: PATH,
      server: cluster.url,
      namespace: own,
      autoSync,
    };
    const namespace = await setUp.addApplication(application);
    const edit = async (change: (text: string) => string, message: string) =>
      branch.commit({ [FILE]: change(await branch.read(FILE)) }, message);
    const deployment: ContractDeployment = {
      application: { namespace, name: own, project: name },
      autoSync,
      cluster: cluster.name,
      namespace: own,
      workload: 'orders',
      migration: 'orders-migrate',
      branch,
      path: PATH,
      file: FILE,
      version: async () => tagOf(await branch.read(FILE), IMAGE),
      commitVersion: tag =>
        edit(text => withTag(text, IMAGE, tag), `Bump to ${tag}`),
    };
    const breakMigration = async () => {
      failer.start();
      await edit(withStrandedMigration, 'Migrate what cannot be migrated');
      return {
        version: VERSIONS[VERSIONS.length - 1],
        repair: async () => {
          await edit(withoutStrandedMigration, 'Migrate as before');
        },
      };
    };
    return { deployment, application, breakMigration };
  };
  const auto = await deploy('auto', true);
  const manual = await deploy('manual', false);
  const hidden = {
    ...manual.application,
    name: `${name}-hidden`,
    project: `${name}-other`,
    // Not the component's: no test ships it.
    component: `${name}-other`,
    path: OTHER_PATH,
  };
  const hiddenNamespace = await setUp.addApplication(hidden);
  if (argocd.takesNamespaces) {
    await setUp.addApplication({
      ...manual.application,
      component: `${name}-other`,
      path: OTHER_PATH,
      namespace: `${name}-auto`,
      applicationNamespace: elsewhere,
    });
  }
  const compose = async () => {
    const child = `${name}-child`;
    const branch = `${name}-composed`;
    await workspace.createBranch(branch, {
      'parent/child.yaml': applicationManifest({
        name: child,
        applicationNamespace: hiddenNamespace,
        project: name,
        repoUrl,
        branch,
        paths: ['one', 'two'],
        server: cluster.url,
        namespace: `${name}-auto`,
      }),
      'one/one.yaml': configMap('one'),
      'two/two.yaml': configMap('two'),
    });
    closers.add(`branch ${branch}`, () => workspace.deleteBranch(branch));
    const parent = `${name}-parent`;
    await setUp.addApplication({
      name: parent,
      project: name,
      component: `${name}-other`,
      repoUrl,
      branch,
      path: 'parent',
      server: OWN_CLUSTER,
      namespace: hiddenNamespace,
      autoSync: true,
    });
    const ref = (which: string) => ({
      namespace: hiddenNamespace,
      name: which,
      project: name,
    });
    const composed = {
      parent: ref(parent),
      child: ref(child),
      several: ref(child),
    };
    if (!argocd.makesSets) return { composed };
    const made = { ...ref(`${name}-made`), by: `${name}-set` };
    await setUp.addApplicationSet({
      name: made.by,
      application: made.name,
      project: name,
      repoUrl,
      branch,
      path: 'two',
      server: cluster.url,
      namespace: `${name}-manual`,
    });
    return { composed, made };
  };
  const { composed, made } = await compose();
  await setUp.sync(manual.application.name);
  for (const { application } of [auto, manual]) {
    await setUp.untilSettled(application.name);
  }
  return {
    which: 'real',
    clusters: [cluster],
    argocd: {
      url: argocd.url,
      token: argocd.token,
      account,
      limitedToken,
      portal: argocd.portal,
    },
    git: access,
    auto: auto.deployment,
    manual: manual.deployment,
    hidden: {
      namespace: hiddenNamespace,
      name: hidden.name,
      project: hidden.project,
    },
    ...(argocd.takesNamespaces && {
      elsewhere: {
        namespace: elsewhere,
        name: manual.application.name,
        project: name,
      },
    }),
    composed,
    made,
    clusterAliases: [],
    component: name,
    image: IMAGE,
    versions: VERSIONS,
    breakMigration: manual.breakMigration,
    closeWindow: async () => {
      await setUp.setWindows(name, [
        { ...ALWAYS, kind: 'deny', applications: ['*'], manualSync: false },
      ]);
      return () => setUp.setWindows(name, []);
    },
    close: () => closers.close(),
  };
}
