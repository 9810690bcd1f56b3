import path from 'node:path';
import { root } from './paths.mjs';

/** Teams of the sandbox: each has a project in Argo CD, a namespace and an organization of its name in the forge. */
const TEAMS = ['storefront', 'realtime', 'platform'];

/**
 * The part of the configuration that is known only when everything runs: ports, the database, and the addresses of the sandbox.
 *
 * @returns {object} an app-config overlay
 */
export function overlayFor({
  port,
  appPort,
  connection,
  handle,
  worker,
  folder,
}) {
  return {
    app: { baseUrl: `http://localhost:${appPort}` },
    backend: {
      baseUrl: `http://localhost:${port}`,
      listen: { host: '127.0.0.1', port },
      ...(appPort === port
        ? {}
        : {
            cors: {
              origin: `http://localhost:${appPort}`,
              methods: ['GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'DELETE'],
              credentials: true,
            },
          }),
      ...(connection ? { database: { client: 'pg', connection } } : {}),
    },
    switchyard: {
      runs: { worker },
      ...(handle ? sandboxSwitchyard(handle, folder) : {}),
    },
    ...(handle ? sandboxSystems(handle) : {}),
  };
}

function sandboxSwitchyard(handle, folder) {
  return {
    sandboxPeople: handle.people.map(({ name, displayName, about }) => ({
      name,
      displayName,
      about,
    })),
    notices: sandboxNotices(handle.slack),
    deploys: {
      // Clones of the world's repositories go with the world.
      gitCacheDirectory: folder,
      registries: [
        {
          host: handle.registry.host,
          insecure: true,
          ...(handle.registry.username
            ? {
                username: handle.registry.username,
                password: handle.registry.password,
              }
            : {}),
        },
      ],
      git: [
        {
          host: new URL(handle.git.url).host,
          username: handle.git.username,
          token: handle.git.token,
          insecure: true,
        },
      ],
      newApplications: TEAMS.map(team => newApplicationsOf(team, handle)),
    },
  };
}

/** What a team's new services may have. */
function newApplicationsOf(team, { argocd, git, clusters }) {
  return {
    owners: [`group:default/${team}`],
    instance: argocd.instance,
    project: team,
    namespace: team,
    repositories: [`${git.url}/${team}/`],
    clusters: clusters
      .filter(({ name }) => name.startsWith('prod-'))
      .map(({ name, argocdName }) => ({
        cluster: name,
        argocdName,
        application: `{component}-${name.replace('prod-', '')}`,
      })),
  };
}

function sandboxNotices({ apiUrl, token, channels: [deploys, storefront] }) {
  return {
    slack: { apiUrl, token },
    routes: [
      { name: 'deploys', channel: deploys },
      {
        name: 'storefront',
        channel: storefront,
        match: { teams: ['group:default/storefront'] },
        events: ['waits', 'failed', 'needs-attention', 'break-glass'],
      },
    ],
  };
}

function sandboxSystems(handle) {
  const gitHost = new URL(handle.git.url).host;
  return {
    integrations: {
      gitea: [
        {
          host: gitHost,
          baseUrl: handle.git.url,
          username: handle.git.username,
          password: handle.git.token,
        },
      ],
    },
    scaffolder: {
      // Templates name no address themselves.
      defaultEnvironment: {
        parameters: { gitHost, registry: handle.registry.host },
      },
    },
    catalog: {
      locations: [
        {
          type: 'file',
          target: path.join(root, 'templates', 'web-service', 'template.yaml'),
          rules: [{ allow: ['Template'] }],
        },
        ...[
          handle.catalog,
          ...(handle.scale ? [handle.scale.catalog] : []),
        ].map(target => ({
          type: 'file',
          target,
          rules: [
            {
              allow: [
                'Component',
                'System',
                'Group',
                'User',
                'Location',
                'Resource',
                'API',
                'Domain',
              ],
            },
          ],
        })),
      ],
    },
    argocd: {
      namespacedApps: true,
      appLocatorMethods: [
        {
          type: 'config',
          instances: [
            ...[
              handle.argocd,
              ...(handle.scale ? [handle.scale.argocd] : []),
            ].map(({ instance, url, token }) => ({
              name: instance,
              url,
              token,
            })),
            // The other way to sign in.
            {
              name: handle.edgeArgocd.instance,
              url: handle.edgeArgocd.url,
              username: handle.edgeArgocd.username,
              password: handle.edgeArgocd.password,
            },
          ],
        },
      ],
    },
    kubernetes: {
      serviceLocatorMethod: { type: 'multiTenant' },
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [...handle.clusters, ...(handle.scale?.clusters ?? [])].map(
            cluster => ({
              name: cluster.name,
              url: cluster.url,
              authProvider: 'serviceAccount',
              serviceAccountToken: cluster.token,
              skipTLSVerify: false,
              skipMetricsLookup: true,
            }),
          ),
        },
      ],
    },
  };
}
