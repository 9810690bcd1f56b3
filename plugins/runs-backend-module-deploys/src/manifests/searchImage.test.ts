import { lookUpPlace, setImage } from './imagePlaces';
import { searchImage } from './searchImage';
import { ImageSearch, ManifestFiles, WantedImage } from './types';

const REPOSITORY = '127.0.0.1:5001/storefront/orders';
const ORDERS: WantedImage = { repository: REPOSITORY, tagPrefix: '' };
const MAIN: WantedImage = {
  repository: '127.0.0.1:5001/main_service',
  tagPrefix: 'api_',
};

function filesOf(
  files: Record<string, string>,
  reads: string[] = [],
): ManifestFiles {
  const inFolder = (folder: string) =>
    Object.keys(files).filter(
      path => folder === '' || path.startsWith(`${folder}/`),
    );
  return {
    async list(folder, { recursive, atMost }) {
      const all = inFolder(folder);
      if (all.length === 0) return undefined;
      if (all.length > atMost) return null;
      const rest = (path: string) =>
        path.slice(folder === '' ? 0 : folder.length + 1);
      return all
        .filter(path => recursive || !rest(path).includes('/'))
        .map(path => ({ path, kind: 'file' as const }));
    },
    async read(path, { atMost }) {
      reads.push(path);
      const text = files[path];
      return text !== undefined && text.length > atMost ? null : text;
    },
  };
}

function workload(
  options: {
    kind?: string;
    name?: string;
    image?: string;
    labels?: string;
    annotations?: string;
    container?: string;
    init?: string;
  } = {},
): string {
  const {
    kind = 'Deployment',
    name = 'orders',
    image = `${REPOSITORY}:v1`,
    labels = '',
    annotations = '',
    container = 'main',
    init,
  } = options;
  return [
    'apiVersion: x/v1',
    `kind: ${kind}`,
    `metadata: {name: ${name}, labels: {${labels}}, annotations: {${annotations}}}`,
    'spec:',
    '  template:',
    '    spec:',
    ...(init
      ? [
          '      initContainers:',
          '      - name: init',
          `        image: ${init}`,
        ]
      : []),
    '      containers:',
    `      - name: ${container}`,
    `        image: ${image}`,
    '      - {name: proxy, image: "envoyproxy/envoy:v1.30"}',
    '',
  ].join('\n');
}

const HOOK = 'argocd.argoproj.io/hook: PreSync';

async function search(
  files: Record<string, string>,
  wanted = ORDERS,
  options: { path?: string; recurse?: boolean } = {},
) {
  return searchImage(
    filesOf(files),
    { path: options.path ?? 'apps/orders', recurse: options.recurse ?? false },
    wanted,
  );
}

function problemsOf(result: ImageSearch) {
  if (result.found) throw new Error(`Found ${JSON.stringify(result.places)}`);
  return result.problems;
}

function foundIn(result: ImageSearch) {
  if (!result.found) throw new Error(JSON.stringify(result.problems));
  return result;
}

describe('plain manifests', () => {
  it('finds the workload, its init container and the migration hook, in one file or two', async () => {
    const deployment = workload({ init: `${REPOSITORY}:v0` });
    const migration = workload({
      kind: 'Job',
      name: 'orders-migrate',
      annotations: HOOK,
      container: 'migrate',
    });
    const layouts: Array<Record<string, string>> = [
      { 'apps/orders/all.yaml': `${deployment}---\n${migration}` },
      {
        'apps/orders/deployment.yaml': deployment,
        'apps/orders/job.yml': migration,
        'apps/orders/readme.md': REPOSITORY,
        'apps/search/x.yaml': workload({ name: 'search' }),
      },
    ];
    for (const files of layouts) {
      const { places, affected } = foundIn(await search(files));
      expect(places.map(({ what, tag }) => [what, tag])).toEqual([
        ['Deployment orders, init container init', 'v0'],
        ['Deployment orders, container main', 'v1'],
        ['Job orders-migrate, container migrate', 'v1'],
      ]);
      expect(affected[2]).toEqual({
        kind: 'Job',
        name: 'orders-migrate',
        container: 'migrate',
        hooks: ['PreSync'],
        before: `${REPOSITORY}:v1`,
      });
    }
  });

  it.each([
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'Job',
    'Rollout',
  ])('knows a %s', async kind => {
    const { places } = foundIn(
      await search({ 'apps/orders/x.yaml': workload({ kind }) }),
    );
    expect(places[0].id).toBe(`${kind}//orders/containers/main`);
  });

  it('knows pods, cron jobs, lists and JSON', async () => {
    const pod = {
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: `${REPOSITORY}:v1` }] },
    };
    const cron = {
      kind: 'CronJob',
      metadata: { name: 'c', namespace: 'n' },
      spec: { jobTemplate: { spec: { template: pod } } },
    };
    const { places } = foundIn(
      await search({
        'apps/orders/x.json': JSON.stringify({
          kind: 'List',
          items: [pod, cron],
        }),
      }),
    );
    expect(places.map(({ id }) => id)).toEqual([
      'Pod//p/containers/c',
      'CronJob/n/c/containers/c',
    ]);
  });

  it('looks into folders within only where Argo CD does', async () => {
    const files = {
      'apps/orders/a.yaml': 'kind: ConfigMap\n',
      'apps/orders/sub/x.yaml': workload(),
    };
    expect(problemsOf(await search(files))[0].what).toBe(
      'The image is in no file',
    );
    expect(
      foundIn(await search(files, ORDERS, { recurse: true })).places[0].file,
    ).toBe('apps/orders/sub/x.yaml');
  });

  it('reads the root of a repository', async () => {
    for (const path of ['', '.', './', '/'])
      expect(
        foundIn(await search({ 'x.yaml': workload() }, ORDERS, { path }))
          .places[0].file,
      ).toBe('x.yaml');
  });

  it('leaves out what Argo CD leaves out', async () => {
    const files = {
      'apps/orders/x.yaml': workload(),
      'apps/orders/y.yaml': `# +argocd:skip-file-rendering\n{{ x }}: [\n`,
    };
    expect(foundIn(await search(files)).places).toHaveLength(1);
  });

  it('knows the image in every spelling, and no other', async () => {
    const hub: WantedImage = {
      repository: 'docker.io/library/nginx',
      tagPrefix: '',
    };
    for (const image of [
      'nginx:1',
      'nginx',
      'docker.io/nginx:1',
      'docker.io/library/nginx:1',
      'index.docker.io/nginx:1',
    ]) {
      expect(
        foundIn(
          await search({ 'apps/orders/x.yaml': workload({ image }) }, hub),
        ).places,
      ).toHaveLength(1);
    }
    for (const image of [
      `${REPOSITORY}-worker:v1`,
      `x/${REPOSITORY}:v1`,
      '127.0.0.1:5002/storefront/orders:v1',
      'storefront/orders:v1',
      '"{{ .Values.image }}"',
    ]) {
      expect(
        problemsOf(await search({ 'apps/orders/x.yaml': workload({ image }) })),
      ).toMatchObject([{ what: 'The image is in no file' }]);
    }
  });

  it('changes only this service where several share a repository', async () => {
    const files = {
      'apps/orders/api.yaml': workload({
        name: 'api',
        image: '127.0.0.1:5001/main_service:api_v1',
        labels: 'app: api',
      }),
      'apps/orders/match.yaml': workload({
        name: 'match',
        image: '127.0.0.1:5001/main_service:match_v1',
        labels: 'app: match',
      }),
    };
    expect(
      foundIn(await search(files, MAIN)).places.map(({ tag }) => tag),
    ).toEqual(['api_v1']);
  });
});

describe('problems of plain manifests', () => {
  it.each<[string, Record<string, string>, object]>([
    [
      'the path is missing',
      { 'apps/other/x.yaml': '' },
      { what: 'The path is not there', ref: 'apps/orders' },
    ],
    [
      'the image is in no file',
      { 'apps/orders/x.yaml': 'kind: ConfigMap\n' },
      {
        what: 'The image is in no file',
        why: expect.stringContaining(REPOSITORY),
      },
    ],
    [
      'it belongs to two services',
      {
        'apps/orders/a.yaml': workload({
          labels: 'backstage.io/kubernetes-id: orders',
        }),
        'apps/orders/b.yaml': workload({
          name: 'invoices',
          labels: 'backstage.io/kubernetes-id: invoices',
        }),
      },
      {
        what: 'The image belongs to several services',
        why: expect.stringMatching(
          /invoices and orders .*a\.yaml and .*b\.yaml/,
        ),
      },
    ],
    [
      'it stands twice',
      { 'apps/orders/x.yaml': `${workload()}---\n${workload()}` },
      { what: 'The image is named twice', ref: 'apps/orders/x.yaml:20' },
    ],
    [
      'a file does not parse',
      {
        'apps/orders/x.yaml': workload(),
        'apps/orders/y.yaml': 'a: 1\nb: [\n',
      },
      {
        what: 'A file cannot be read',
        why: expect.stringMatching(/^apps\/orders\/y\.yaml, line [23]: /),
        ref: expect.stringMatching(/y\.yaml:[23]/),
      },
    ],
    [
      'a key stands twice',
      { 'apps/orders/x.yaml': `${workload()}spec: {}\n` },
      { what: 'A file cannot be read', ref: 'apps/orders/x.yaml:11' },
    ],
    [
      'it is an anchor',
      { 'apps/orders/x.yaml': workload({ image: `&image ${REPOSITORY}:v1` }) },
      {
        what: 'The image cannot be changed safely',
        why: expect.stringContaining('anchor &image'),
        ref: 'apps/orders/x.yaml:9',
      },
    ],
    [
      'it is a block',
      {
        'apps/orders/x.yaml': workload({
          image: `>-\n          ${REPOSITORY}:v1`,
        }),
      },
      {
        what: 'The image cannot be changed safely',
        why: expect.stringContaining('block'),
      },
    ],
  ])('says that %s', async (_, files, problem) => {
    expect(problemsOf(await search(files))).toEqual([
      expect.objectContaining(problem),
    ]);
  });

  it.each(['../other', 'apps/../../etc', '..', 'a\0b', 'a\\b'])(
    'stays in the repository: %j',
    async path => {
      expect(
        problemsOf(await search({ 'x.yaml': workload() }, ORDERS, { path })),
      ).toMatchObject([{ what: 'The path leads out of the repository' }]);
    },
  );

  it('does not mind a key that stands twice in a file without the image', async () => {
    expect(
      foundIn(
        await search({
          'apps/orders/x.yaml': workload(),
          'apps/orders/y.yaml': 'a: 1\na: 2\n',
        }),
      ).places,
    ).toHaveLength(1);
  });

  it('says that a chart is none of these', async () => {
    await expect(
      search({ 'apps/orders/Chart.yaml': 'name: x' }),
    ).resolves.toMatchObject({ found: false, chart: true, problems: [] });
  });
});

const base = {
  'apps/orders/base/kustomization.yaml':
    'resources: [deployment.yaml, migrate.yaml]\n',
  'apps/orders/base/deployment.yaml': workload({ image: REPOSITORY }),
  'apps/orders/base/migrate.yaml': workload({
    kind: 'Job',
    name: 'orders-migrate',
    annotations: HOOK,
    image: REPOSITORY,
  }),
};

const overlay = (images: string, more = '') => ({
  ...base,
  'apps/orders/kustomization.yaml': `resources:\n- base\n${more}images:\n${images}`,
});

describe('kustomizations', () => {
  it('changes the newTag and no base, and knows what gets it', async () => {
    const { places, affected } = foundIn(
      await search(overlay(`- name: ${REPOSITORY}\n  newTag: v1 # c\n`)),
    );
    expect(places).toEqual([
      {
        file: 'apps/orders/kustomization.yaml',
        id: `images/${REPOSITORY}`,
        what: `images entry ${REPOSITORY}`,
        line: 4,
        tag: 'v1',
      },
    ]);
    expect(affected).toEqual([
      {
        kind: 'Deployment',
        name: 'orders',
        container: 'main',
        hooks: [],
        before: `${REPOSITORY}:v1`,
      },
      {
        kind: 'Job',
        name: 'orders-migrate',
        container: 'main',
        hooks: ['PreSync'],
        before: `${REPOSITORY}:v1`,
      },
    ]);
  });

  it('knows an image that gets its name by newName, from a base that others use', async () => {
    const files = {
      'base/search/kustomization.yaml': 'resources: [d.yaml]\n',
      'base/search/d.yaml': workload({ name: 'search', image: 'search' }),
      'apps/orders/kustomization.yml': `resources: [../../base/search]\nimages:\n- name: search\n  newName: ${REPOSITORY}\n  newTag: "v1"\n`,
    };
    const { places, affected } = foundIn(await search(files));
    expect(places[0]).toMatchObject({ id: 'images/search', tag: 'v1' });
    expect(affected[0]).toMatchObject({
      name: 'search',
      before: `${REPOSITORY}:v1`,
    });
  });

  it('takes the images of a kustomization within, else the manifests, where no outer one names it', async () => {
    const inner = {
      ...base,
      'apps/orders/kustomization.yaml': 'resources: [base]\n',
    };
    const entry = `resources: [deployment.yaml, migrate.yaml]\nimages: [{name: "${REPOSITORY}", newTag: v1}]\n`;
    expect(
      foundIn(
        await search({
          ...inner,
          'apps/orders/base/kustomization.yaml': entry,
        }),
      ).places.map(({ file }) => file),
    ).toEqual(['apps/orders/base/kustomization.yaml']);
    expect(foundIn(await search(inner)).places.map(({ file }) => file)).toEqual(
      ['apps/orders/base/deployment.yaml', 'apps/orders/base/migrate.yaml'],
    );
  });

  it('takes a patch before the manifests that it changes', async () => {
    const files = {
      ...base,
      'apps/orders/kustomization.yaml':
        'resources: [base]\npatches:\n- path: patch.yaml\n',
      'apps/orders/patch.yaml': workload({ image: `${REPOSITORY}:v1` }),
    };
    expect(foundIn(await search(files)).places.map(({ file }) => file)).toEqual(
      ['apps/orders/patch.yaml'],
    );
  });

  it('reads what is in reach only', async () => {
    const files = overlay(
      `- {name: "${REPOSITORY}", newTag: v1}\n`,
      '- https://github.com/x/y?ref=v1\n- github.com/x/y\n- ../../../outside\n- ../orders\n',
    );
    expect(foundIn(await search(files)).places).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'without newTag',
      overlay(`- name: search\n  newName: ${REPOSITORY}\n`),
      {
        what: 'The image cannot be changed safely',
        why: expect.stringContaining('no newTag'),
      },
    ],
    [
      'named twice',
      overlay(
        `- {name: "${REPOSITORY}", newTag: v1}\n- {name: "${REPOSITORY}", newTag: v2}\n`,
      ),
      { what: 'The image is named twice' },
    ],
    [
      'in no file',
      {
        'apps/orders/kustomization.yaml':
          'images: [{name: other, newTag: v1}]\n',
      },
      { what: 'The image is in no file' },
    ],
    [
      'set in a base that others use',
      {
        'apps/orders/kustomization.yaml': 'resources: [../../base]\n',
        'base/kustomization.yaml': 'resources: [d.yaml]\n',
        'base/d.yaml': workload(),
      },
      {
        what: 'The image is set outside of the path',
        why: expect.stringMatching(
          /base\/d\.yaml.*images: in apps\/orders\/kustomization\.yaml/,
        ),
      },
    ],
    [
      'set by a patch in the kustomization',
      {
        ...base,
        'apps/orders/kustomization.yaml':
          'resources: [base]\npatches:\n- patch: |\n    - {op: replace, path: /spec/x/image, value: y}\n',
      },
      { what: 'A patch may set the image' },
    ],
    [
      'in a file that is missing',
      { 'apps/orders/kustomization.yaml': 'resources: [none.yaml]\n' },
      { what: 'A file is not there', ref: 'apps/orders/none.yaml' },
    ],
    [
      'in a base that does not parse',
      {
        ...base,
        'apps/orders/kustomization.yaml': 'resources: [base]\n',
        'apps/orders/base/deployment.yaml': 'a: 1\n  b: 2\n',
      },
      {
        what: 'A file cannot be read',
        ref: expect.stringMatching(/base\/deployment\.yaml:\d/),
      },
    ],
    [
      'shared through an anchor',
      overlay(
        `- name: ${REPOSITORY}\n  newTag: &tag v1\n- {name: other, newTag: *tag}\n`,
      ),
      {
        what: 'The image cannot be changed safely',
        why: expect.stringContaining('anchor &tag'),
      },
    ],
  ])('says when the image is %s', async (_, files, problem) => {
    expect(problemsOf(await search(files))).toEqual([
      expect.objectContaining(problem),
    ]);
  });
});

describe('limits', () => {
  const many = (count: number, path: (index: number) => string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [path(index), 'a: 1\n']),
    );
  const large = (index: number) =>
    `data: {a${index}: "${'x'.repeat(480_000)}"}\n`;
  const resources = (names: string[]) => `resources: [${names.join(', ')}]\n`;

  it.each<[string, Record<string, string>, object, number]>([
    [
      'more manifests than are read',
      many(1_001, index => `apps/orders/${index}.yaml`),
      {
        what: 'Too many files',
        why: 'apps/orders, the Application’s path, leads to more than 1,000 manifests. Of one Application at most 1,000 files and 5 MB are read; let its path be a folder that holds what it deploys and nothing else',
        ref: 'apps/orders',
      },
      0,
    ],
    [
      'more files of any kind than are looked through',
      many(20_001, index => `apps/orders/docs/${index}.md`),
      {
        what: 'Too many files',
        why: expect.stringMatching(
          /^apps\/orders.* holds more than 20,000 files and folders.*a folder that holds/,
        ),
      },
      0,
    ],
    [
      'more bytes than are read',
      Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [
          `apps/orders/${index}.yaml`,
          large(index),
        ]),
      ),
      {
        what: 'Too much to read',
        why: expect.stringMatching(
          /^apps\/orders.* leads to more than 5 MB of manifests.*a folder that holds/,
        ),
      },
      11,
    ],
    [
      'a kustomization that leads to more files than are read',
      {
        ...many(1_001, index => `base/${index}.yaml`),
        'apps/orders/kustomization.yaml': resources(
          Array.from(
            { length: 1_001 },
            (_, index) => `../../base/${index}.yaml`,
          ),
        ),
      },
      {
        what: 'Too many files',
        why: expect.stringMatching(/^apps\/orders.* more than 1,000 manifests/),
      },
      1_000,
    ],
    [
      'kustomizations that take in each other twice, and so on',
      Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [
          index === 0
            ? 'apps/orders/kustomization.yaml'
            : `apps/${index}/kustomization.yaml`,
          resources(index === 29 ? [] : [`../${index + 1}`, `../${index + 1}`]),
        ]),
      ),
      { what: 'Too many files', ref: 'apps/orders' },
      1_000,
    ],
  ])('keep a plan from reading %s', async (_, files, problem, atMostReads) => {
    const reads: string[] = [];
    const result = await searchImage(
      filesOf(files, reads),
      { path: 'apps/orders', recurse: true },
      ORDERS,
    );
    expect(problemsOf(result)).toEqual([expect.objectContaining(problem)]);
    expect(reads.length).toBeLessThanOrEqual(atMostReads);
  });

  it('speak of the whole repository where the path is its root', async () => {
    const files = many(1_001, index => `${index}.yaml`);
    expect(problemsOf(await search(files, ORDERS, { path: '' }))).toEqual([
      {
        what: 'Too many files',
        why: expect.stringMatching(
          /^The whole repository, the Application’s path/,
        ),
      },
    ]);
  });

  it.each([
    ['manifests', {}],
    [
      'a kustomization',
      {
        'apps/orders/kustomization.yaml': resources([
          'large.yaml',
          'orders.yaml',
        ]),
      },
    ],
  ])(
    'let large files of %s be in which no workload stands, and no others',
    async (_, more) => {
      const withLarge = (text: string) =>
        search({
          ...more,
          'apps/orders/orders.yaml': workload(),
          'apps/orders/large.yaml': `x: "${'x'.repeat(600_000)}"\n---\n${text}`,
        });
      const definition = 'kind: CustomResourceDefinition\n';
      expect(foundIn(await withLarge(definition)).places).toHaveLength(1);
      expect(problemsOf(await withLarge(workload({ name: 'b' })))).toEqual([
        expect.objectContaining({
          what: 'A file cannot be read',
          why: expect.stringMatching(
            /large\.yaml: .* at most 500 kB .* divide/,
          ),
        }),
      ]);
    },
  );

  it('let large manifests of others be', async () => {
    const files = {
      'apps/orders/orders.yaml': workload(),
      'apps/orders/large.yaml': `x: "${'x'.repeat(600_000)}"\n---\n${workload({
        name: 'search',
        image: 'search:v1',
      })}`,
    };
    expect(foundIn(await search(files)).places).toHaveLength(1);
  });
});

describe('setImage and lookUpPlace', () => {
  it('sets all places of a file, wherever they have moved to', async () => {
    const text = `${workload({ init: `${REPOSITORY}:v0` })}---\n${workload({
      kind: 'Job',
      name: 'm',
      image: `"${REPOSITORY}:v1"`,
    })}`;
    const { places } = foundIn(await search({ 'apps/orders/x.yaml': text }));
    const moved = `# a new line\n---\nkind: ConfigMap\n---\n${text}`;
    const edited = setImage(moved, places, ORDERS, { tag: 'v2' });
    expect(edited).toBe(moved.replace(/orders:v[01]/g, 'orders:v2'));
    expect(setImage(edited, places, ORDERS, { tag: 'v2' })).toBe(edited);
    expect(places.map(place => lookUpPlace(edited, place, ORDERS))).toEqual(
      places.map(() => ({ state: 'there', tag: 'v2' })),
    );
  });

  it('says when a place is gone', async () => {
    const { places } = foundIn(
      await search({ 'apps/orders/x.yaml': workload() }),
    );
    for (const text of [
      workload({ name: 'renamed' }),
      workload({ image: 'other:v1' }),
      'a: [',
      '',
      `${workload()}---\n${workload()}`,
    ]) {
      expect(lookUpPlace(text, places[0], ORDERS)).toMatchObject({
        state: 'gone',
        why: expect.stringContaining('apps/orders/x.yaml'),
      });
      expect(() => setImage(text, places, ORDERS, { tag: 'v2' })).toThrow(
        expect.objectContaining({ name: 'UneditableError' }),
      );
    }
  });

  it('finds a kustomize entry again, and adds a tag to an image without one', async () => {
    const text = `images:\n  - name: "${REPOSITORY}"\n    newTag: v1  # was v0\n`;
    const place = { file: 'k', id: `images/${REPOSITORY}` };
    expect(setImage(text, [place], ORDERS, { tag: 'v2' })).toBe(
      text.replace('newTag: v1', 'newTag: v2'),
    );
    const bare = workload({ image: REPOSITORY });
    const { places } = foundIn(await search({ 'apps/orders/x.yaml': bare }));
    expect(places[0].tag).toBeUndefined();
    expect(setImage(bare, places, ORDERS, { tag: 'v2' })).toBe(
      bare.replace(REPOSITORY, `${REPOSITORY}:v2`),
    );
  });
});

describe('an image that is pinned by digest', () => {
  const OLD = `sha256:${'a'.repeat(64)}`;
  const NEW = `sha256:${'b'.repeat(64)}`;
  const image = { tag: 'v2', digest: NEW };

  it.each<[string, Record<string, string>, string, string, string]>([
    [
      'tag and digest in a workload',
      { 'apps/orders/x.yaml': workload({ image: `${REPOSITORY}:v1@${OLD}` }) },
      'apps/orders/x.yaml',
      `:v1@${OLD}`,
      `:v2@${NEW}`,
    ],
    [
      'only a digest in a workload',
      { 'apps/orders/x.yaml': workload({ image: `${REPOSITORY}@${OLD}` }) },
      'apps/orders/x.yaml',
      `@${OLD}`,
      `@${NEW}`,
    ],
    [
      'newTag and digest in a kustomization',
      overlay(
        `- name: ${REPOSITORY}\n  digest: ${OLD}  # of the tag\n  newTag: v1\n`,
      ),
      'apps/orders/kustomization.yaml',
      `digest: ${OLD}  # of the tag\n  newTag: v1`,
      `digest: ${NEW}  # of the tag\n  newTag: v2`,
    ],
    [
      'only a digest in a kustomization',
      overlay(`- name: ${REPOSITORY}\n  digest: "${OLD}"\n`),
      'apps/orders/kustomization.yaml',
      OLD,
      NEW,
    ],
  ])('gets both: %s', async (_, files, file, before, after) => {
    const { places } = foundIn(await search(files));
    expect(places).toHaveLength(1);
    const edited = setImage(files[file], places, ORDERS, image);
    expect(edited).not.toBe(files[file]);
    expect(edited.replace(after, before)).toBe(files[file]);
    expect(setImage(edited, places, ORDERS, image)).toBe(edited);
    expect(() => setImage(files[file], places, ORDERS, { tag: 'v2' })).toThrow(
      'the digest of v2 is not known',
    );
  });
});
