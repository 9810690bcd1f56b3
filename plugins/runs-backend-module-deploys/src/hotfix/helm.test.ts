import { ApplicationSource } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import { GitClient, GitError } from '../git';
import { HotfixTarget } from './findTargets';
import { planEdits } from './planEdits';
import { parseValuePath } from './valuePath';

const GIT = 'https://git.example.com';
const IMAGE = 'registry.example.com/storefront/orders';
const OLD = `sha256:${'a'.repeat(64)}`;
const NEW = `sha256:${'b'.repeat(64)}`;

/** Files by repository and path: `deploy/apps/orders/values.yaml`. */
type Files = Record<string, string>;

function gitOf(files: Files): GitClient {
  return {
    repository: (url: string) => {
      if (!url.startsWith(GIT))
        throw new GitError('not-configured', 'not configured');
      const name = url.slice(GIT.length + 1).replace(/\.git$/, '');
      const paths = Object.keys(files)
        .filter(path => path.startsWith(`${name}/`))
        .map(path => path.slice(name.length + 1));
      return {
        name,
        url,
        findBranch: async (branch = 'main') =>
          branch.startsWith('v') ? undefined : { branch, commit: 'head' },
        readCache: () => ({}),
        listFiles: async (_: string, folder: string) => {
          const inside = paths.filter(
            path => folder === '' || path.startsWith(`${folder}/`),
          );
          return inside.length === 0
            ? undefined
            : inside.map(path => ({ path, oid: path, kind: 'file' }));
        },
        readFile: async (_: string, path: string) => files[`${name}/${path}`],
      };
    },
  } as unknown as GitClient;
}

async function edit(options: {
  files: Files;
  sources: ApplicationSource[];
  tagPrefix?: string;
  image?: string;
  running?: string[];
  named?: string;
}) {
  const { files, sources, tagPrefix = '', image = IMAGE } = options;
  const target = {
    deployment: {
      application: applicationRow({ name: 'orders-blue', sources }),
      version: {
        images: (options.running ?? ['v1']).map(tag => ({
          container: 'main',
          image: `${image}:${tag}`,
          tag,
        })),
      },
      workloads: [],
    },
    wanted: { repository: image, tagPrefix },
    tag: `${tagPrefix}v2`,
    helmValue: options.named && parseValuePath(options.named),
  } as unknown as HotfixTarget;
  const outcome = await planEdits(target, gitOf(files), {
    digest: async () => NEW,
    signal: new AbortController().signal,
  });
  if (!outcome.found) return { problems: outcome.problems };
  const { edits } = outcome;
  return {
    source: edits.sourceIndex,
    repository: edits.repository.name,
    changes: Object.fromEntries(
      edits.files.map(({ file, diff = '' }) => [
        file,
        diff.split('\n').filter(line => /^[-+](?!(--|\+\+) [^{])/.test(line)),
      ]),
    ),
  };
}

const chart = (
  helm?: ApplicationSource['helm'],
  path = 'charts/web',
): ApplicationSource => ({
  repoURL: `${GIT}/deploy.git`,
  path,
  targetRevision: 'main',
  ...(helm && { helm }),
});

const CHART = {
  'deploy/charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'deploy/charts/web/values.yaml': `image:
  repository: ${IMAGE}
  # Overridden by environment
  tag: ""
`,
};

describe('Helm values', () => {
  it.each<
    [
      string,
      Partial<Parameters<typeof edit>[0]> & { files: Files },
      string,
      string[],
    ]
  >([
    [
      'in the file of the environment, beside other charts’ files',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values-prod.yaml': `replicas: 3\r\nimage: {tag: 'v1'} # ours\r\n`,
          'deploy/charts/web/values-dev.yaml': 'image: {tag: v0}\n',
        },
        sources: [chart({ valueFiles: ['values-prod.yaml'] })],
      },
      'charts/web/values-prod.yaml',
      [`-image: {tag: 'v1'} # ours\r`, `+image: {tag: 'v2'} # ours\r`],
    ],
    [
      'in the last of several files that set it',
      {
        files: {
          ...CHART,
          'deploy/env/base.yaml': 'image: {tag: v0}\n',
          'deploy/env/orders-blue.yaml': 'image:\n    tag: v1   # bump\n',
          'deploy/env/more.yaml': 'replicas: 2\n',
        },
        sources: [
          chart({
            valueFiles: [
              '../../env/base.yaml',
              '/env/$ARGOCD_APP_NAME.yaml',
              '/env/more.yaml',
              '/env/none.yaml',
            ],
            ignoreMissingValueFiles: true,
          }),
        ],
      },
      'env/orders-blue.yaml',
      ['-    tag: v1   # bump', '+    tag: v2   # bump'],
    ],
    [
      'in the chart’s own values',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `# Default\nimage:\n  repository: ${IMAGE}\n  tag: 1.10\n`,
        },
        sources: [chart()],
      },
      'charts/web/values.yaml',
      ['-  tag: 1.10', '+  tag: v2'],
    ],
    [
      'as one text, also in a list',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `image: ${IMAGE}:v1\nextraContainers:\n- {name: cron, image: "${IMAGE}:v1"}\n- {name: proxy, image: "envoy:v1"}\n`,
        },
        sources: [chart()],
      },
      'charts/web/values.yaml',
      [
        `-image: ${IMAGE}:v1`,
        `+image: ${IMAGE}:v2`,
        `-- {name: cron, image: "${IMAGE}:v1"}`,
        `+- {name: cron, image: "${IMAGE}:v2"}`,
      ],
    ],
    [
      'with the registry apart',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `image: {registry: registry.example.com, repository: storefront/orders, tag: v1}\nmetrics: {image: {registry: docker.io, repository: storefront/orders, tag: v1}}\n`,
        },
        sources: [chart()],
      },
      'charts/web/values.yaml',
      [
        '-image: {registry: registry.example.com, repository: storefront/orders, tag: v1}',
        '+image: {registry: registry.example.com, repository: storefront/orders, tag: v2}',
      ],
    ],
    [
      'with the registry of all images',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `global: {imageRegistry: registry.example.com}\nimage:\n  registry: docker.io\n  repository: storefront/orders\n  tag: v1\n`,
        },
        sources: [chart()],
      },
      'charts/web/values.yaml',
      ['-  tag: v1', '+  tag: v2'],
    ],
    [
      'with a digest that wins over the tag',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `image:\n  repository: ${IMAGE}\n  tag: v1\n  digest: "${OLD}"\n`,
        },
        sources: [chart()],
      },
      'charts/web/values.yaml',
      [
        '-  tag: v1',
        `-  digest: "${OLD}"`,
        '+  tag: v2',
        `+  digest: "${NEW}"`,
      ],
    ],
    [
      'with the digest behind the tag',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `image: {repository: ${IMAGE}, tag: 'v1@${OLD}'}\n`,
        },
        sources: [chart()],
      },
      'charts/web/values.yaml',
      [
        `-image: {repository: ${IMAGE}, tag: 'v1@${OLD}'}`,
        `+image: {repository: ${IMAGE}, tag: 'v2@${NEW}'}`,
      ],
    ],
    [
      'of the aliases of an umbrella chart, for one of two services that share a repository',
      {
        files: {
          'deploy/umbrella/Chart.yaml': `name: shop\ndependencies:\n- {name: service, alias: orders, repository: "file://../service", version: 1}\n- {name: service, alias: search, repository: "file://../service", version: 1}\n`,
          'deploy/umbrella/values.yaml': `orders:\n  image: {tag: orders_v1}\nsearch:\n  image: {tag: search_v7}\n`,
          'deploy/service/Chart.yaml': 'name: service\n',
          'deploy/service/values.yaml': `image: {repository: registry.example.com/main_service, tag: none}\n`,
        },
        sources: [chart(undefined, 'umbrella')],
        image: 'registry.example.com/main_service',
        tagPrefix: 'orders_',
      },
      'umbrella/values.yaml',
      ['-  image: {tag: orders_v1}', '+  image: {tag: orders_v2}'],
    ],
    [
      'of a chart within the chart',
      {
        files: {
          'deploy/charts/web/Chart.yaml':
            'name: web\ndependencies: [{name: orders, version: 1}]\n',
          'deploy/charts/web/charts/orders/Chart.yaml': 'name: orders\n',
          'deploy/charts/web/charts/orders/values.yaml': `image:\n  repository: ${IMAGE}\n  tag: v1\n`,
        },
        sources: [chart()],
      },
      'charts/web/charts/orders/values.yaml',
      ['-  tag: v1', '+  tag: v2'],
    ],
    [
      'that the component names, of a chart that is not known',
      {
        files: {
          'values/apps/orders.yaml': `orders.eu:\n  version: v1\n  other: v1\n`,
        },
        sources: [
          {
            repoURL: 'https://charts.example.com',
            chart: 'web',
            targetRevision: '1.0.0',
            helm: { valueFiles: ['$values/apps/orders.yaml'] },
          },
          {
            repoURL: `${GIT}/values.git`,
            targetRevision: 'main',
            ref: 'values',
          },
        ],
        named: String.raw`orders\.eu.version`,
      },
      'apps/orders.yaml',
      ['-  version: v1', '+  version: v2'],
    ],
    [
      'without a repository, where only one tag is the one that runs',
      {
        files: {
          'values/apps/orders.yaml': `image:\n  tag: v1\nsidecar: {imageTag: v9}\nredis: {image: {repository: redis, tag: v1}}\n`,
        },
        sources: [
          {
            repoURL: 'oci.example.com/charts',
            chart: 'web',
            targetRevision: '1.0.0',
            helm: { valueFiles: ['$v/apps/orders.yaml'] },
          },
          { repoURL: `${GIT}/values.git`, targetRevision: 'main', ref: 'v' },
        ],
      },
      'apps/orders.yaml',
      ['-  tag: v1', '+  tag: v2'],
    ],
  ])('are found %s', async (_, options, file, lines) => {
    const { sources = [chart()], ...rest } = options;
    const result = await edit({ ...rest, sources });
    expect(result).toMatchObject({ changes: { [file]: lines } });
    expect(Object.keys(result.changes!)).toEqual([file]);
    // The revision that has to hold the commit is that of the source whose file it is.
    expect(result.source).toBe(sources.length - 1);
  });

  it.each<[string, Partial<Parameters<typeof edit>[0]>, object]>([
    [
      'the Application sets it itself',
      {
        files: CHART,
        sources: [chart({ parameters: [{ name: 'image.tag', value: 'v1' }] })],
      },
      {
        what: 'The image is set in the Application',
        why: expect.stringContaining('parameters'),
      },
    ],
    [
      'no tag is set anywhere',
      { files: CHART },
      { what: 'No tag is set', why: expect.stringContaining('set image.tag') },
    ],
    [
      'a file of values that comes later is not in Git',
      {
        files: {
          ...CHART,
          'deploy/charts/web/a.yaml': 'image: {tag: v1}\n',
        },
        sources: [
          chart({ valueFiles: ['a.yaml', 'https://x.example.com/b.yaml'] }),
        ],
      },
      {
        what: 'A file of values cannot be read',
        why: expect.stringContaining('https://x.example.com/b.yaml'),
      },
    ],
    [
      'a file of values is missing',
      { files: CHART, sources: [chart({ valueFiles: ['none.yaml'] })] },
      { what: 'A file is not there' },
    ],
    [
      'it stands in a chart that others use too',
      {
        files: {
          'deploy/charts/web/Chart.yaml':
            'name: web\ndependencies: [{name: lib, repository: "file://../lib", version: 1}]\n',
          'deploy/charts/lib/Chart.yaml': 'name: lib\n',
          'deploy/charts/lib/values.yaml': `image: {repository: ${IMAGE}, tag: v1}\n`,
        },
      },
      {
        what: 'The image is set outside of the path',
        why: expect.stringContaining('set lib.image.tag in the values'),
      },
    ],
    [
      'several tags may be meant',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml':
            'web: {tag: v1}\nworker: {tag: v1}\n',
        },
      },
      {
        what: 'The image is in no values',
        why: expect.stringContaining('web.tag, worker.tag'),
      },
    ],
    [
      'the value that is named is not there',
      { files: CHART, named: 'a.b' },
      { what: 'The value is not there' },
    ],
    [
      'the tag is shared by an anchor',
      {
        files: {
          ...CHART,
          'deploy/charts/web/values.yaml': `x: &tag v1\nimage: {repository: ${IMAGE}, tag: *tag}\n`,
        },
      },
      { what: 'The image cannot be changed safely' },
    ],
    [
      'the values come from no branch',
      {
        files: CHART,
        sources: [
          chart({ valueFiles: ['$values/x.yaml'] }),
          {
            repoURL: `${GIT}/values.git`,
            targetRevision: 'v1.0',
            ref: 'values',
          },
        ],
      },
      { what: 'Not deployed from a branch' },
    ],
  ])('are not changed where %s', async (_, options, problem) => {
    const { files = CHART, sources = [chart()], ...rest } = options;
    const { problems } = await edit({ files, sources, ...rest });
    expect(problems).toEqual([expect.objectContaining(problem)]);
  });
});
