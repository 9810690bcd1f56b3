import { setTimeout as sleep } from 'node:timers/promises';
import { ArgoCdApi } from '../argocd/ArgoCdApi';
import { Closers } from '../Closers';
import { ContractCluster, ContractGitAccess } from '../types';

const TOKEN_LIFE_S = 3600;
const SETTLE_MS = 120_000;
const LOOK_EVERY_MS = 500;
const LOOKS_PER_REFRESH = 20;

/** Makes what a real world needs in an Argo CD, and the way to delete it again. */
export class ArgoCdSetUp {
  readonly #api: ArgoCdApi;
  readonly #closers: Closers;

  constructor(options: { api: ArgoCdApi; closers: Closers }) {
    this.#api = options.api;
    this.#closers = options.closers;
  }

  /** Makes a cluster a destination, unless it is one. */
  async addCluster(cluster: ContractCluster, name: string): Promise<void> {
    const { items } = await this.#api.ask('GET', '/clusters');
    if (items?.some(({ server }: any) => server === cluster.url)) return;
    const { token, clientCert } = await cluster.credential();
    await this.#api.ask('POST', '/clusters', {
      name,
      server: cluster.url,
      config: {
        bearerToken: token,
        tlsClientConfig: {
          insecure: cluster.skipTLSVerify === true,
          ...(cluster.caData && { caData: cluster.caData }),
          ...(clientCert && {
            certData: toBase64(clientCert.cert),
            keyData: toBase64(clientCert.key),
          }),
        },
      },
    });
    this.#undo(
      `cluster ${name}`,
      `/clusters/${encodeURIComponent(cluster.url)}`,
    );
  }

  async addRepository(
    repoUrl: string,
    access: Pick<ContractGitAccess, 'username' | 'token'>,
  ): Promise<void> {
    const { items } = await this.#api.ask('GET', '/repositories');
    if (items?.some(({ repo }: any) => repo === repoUrl)) return;
    await this.#api.ask('POST', '/repositories', {
      repo: repoUrl,
      username: access.username,
      password: access.token,
    });
    this.#undo('repository', `/repositories/${encodeURIComponent(repoUrl)}`);
  }

  /** @returns the token of a role that may look and do nothing else */
  async addProject(options: {
    name: string;
    repoUrl: string;
    destinations: Array<{ server: string; namespace: string }>;
    /** Where its Applications may lie, besides Argo CD's own. */
    sourceNamespaces: string[];
  }): Promise<string> {
    const { name, repoUrl, destinations, sourceNamespaces } = options;
    await this.#api.ask('POST', '/projects', {
      project: {
        metadata: { name },
        spec: {
          description: 'Of a contract test; may be deleted',
          sourceRepos: [repoUrl],
          sourceNamespaces,
          destinations,
          roles: [
            {
              name: 'reader',
              policies: [
                `p, proj:${name}:reader, applications, get, ${name}/*, allow`,
              ],
            },
          ],
        },
      },
    });
    this.#undo(`project ${name}`, `/projects/${name}`);
    const { token } = await this.#api.ask(
      'POST',
      `/projects/${name}/roles/reader/token`,
      { expiresIn: TOKEN_LIFE_S },
    );
    return token;
  }

  /** Closes or opens the whole project. */
  async setWindows(name: string, syncWindows: object[]): Promise<void> {
    const project = await this.#api.ask('GET', `/projects/${name}`);
    await this.#api.ask('PUT', `/projects/${name}`, {
      project: { ...project, spec: { ...project.spec, syncWindows } },
    });
  }

  /** @returns the namespace that Argo CD keeps it in */
  async addApplication(options: {
    name: string;
    project: string;
    component: string;
    repoUrl: string;
    branch: string;
    path: string;
    server: string;
    namespace: string;
    autoSync: boolean;
    /** Where it lies; in Argo CD's own namespace where absent. */
    applicationNamespace?: string;
  }): Promise<string> {
    const { name, project, component, server, namespace } = options;
    const { applicationNamespace } = options;
    const created = await this.#api.ask('POST', '/applications', {
      metadata: {
        name,
        ...(applicationNamespace && { namespace: applicationNamespace }),
        labels: { 'backstage-name': component },
        annotations: {
          'backstage.io/entity-ref': `component:default/${component}`,
        },
      },
      spec: {
        project,
        source: {
          repoURL: options.repoUrl,
          targetRevision: options.branch,
          path: options.path,
        },
        destination: { server, namespace },
        ...(options.autoSync && { syncPolicy: { automated: {} } }),
      },
    });
    this.#closers.add(`Application ${name}`, async () => {
      const query = new URLSearchParams({ project });
      if (applicationNamespace) query.set('appNamespace', applicationNamespace);
      const path = `/applications/${name}?${query}`;
      await this.#api.ask('DELETE', `${path}&cascade=true`);
      // Its project cannot be deleted before it is gone.
      await this.#until(async () => {
        return (await this.#api.call('GET', path)).status === 404;
      }, `the Application ${name} to be gone`);
    });
    return created.metadata.namespace;
  }

  /** Makes an ApplicationSet of one Application, and waits for that. */
  async addApplicationSet(options: {
    name: string;
    application: string;
    project: string;
    repoUrl: string;
    branch: string;
    path: string;
    server: string;
    namespace: string;
  }): Promise<void> {
    const { name, application, project, server, namespace } = options;
    const path = `/applications/${application}?project=${project}`;
    const status = async () => (await this.#api.call('GET', path)).status;
    await this.#api.ask('POST', '/applicationsets', {
      metadata: { name },
      spec: {
        generators: [{ list: { elements: [{ application }] } }],
        template: {
          metadata: { name: '{{application}}' },
          spec: {
            project,
            source: {
              repoURL: options.repoUrl,
              targetRevision: options.branch,
              path: options.path,
            },
            destination: { server, namespace },
          },
        },
      },
    });
    this.#closers.add(`ApplicationSet ${name}`, async () => {
      await this.#api.ask('DELETE', `/applicationsets/${name}`);
      await this.#until(
        async () => (await status()) === 404,
        `the Application ${application} to be gone`,
      );
    });
    await this.#until(
      async () => (await status()) === 200,
      `the ApplicationSet ${name} to make its Application`,
    );
  }

  async sync(name: string): Promise<void> {
    await this.#api.ask('POST', `/applications/${name}/sync`, {});
  }

  /** Waits until an Application is what Git says, and well. */
  async untilSettled(name: string): Promise<void> {
    let looks = 0;
    await this.#until(async () => {
      looks += 1;
      // Argo CD misses a sync now and then that was asked for so early: a refresh reminds it.
      const query = looks % LOOKS_PER_REFRESH === 0 ? '?refresh=normal' : '';
      const { status, operation } = await this.#api.ask(
        'GET',
        `/applications/${name}${query}`,
      );
      return (
        !operation &&
        status?.operationState?.phase === 'Succeeded' &&
        status.sync?.status === 'Synced' &&
        status.health?.status === 'Healthy'
      );
    }, `the Application ${name} to be Synced and Healthy`);
  }

  async #until(isSo: () => Promise<boolean>, what: string): Promise<void> {
    const end = Date.now() + SETTLE_MS;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  #undo(what: string, path: string): void {
    this.#closers.add(what, () => this.#api.ask('DELETE', path));
  }
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
