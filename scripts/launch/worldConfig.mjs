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
    },
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
  return {
    catalog: {
      locations: [
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
