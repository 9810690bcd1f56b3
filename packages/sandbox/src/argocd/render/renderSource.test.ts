import { KubernetesObject } from '../../kubernetes/types';
import { RenderError } from './manifests';
import { renderSource } from './renderSource';

const files = (content: Record<string, string>) =>
  new Map(
    Object.entries(content).map(([path, text]) => [path, Buffer.from(text)]),
  );
const render = (content: Record<string, string>, path = 'apps/x') =>
  renderSource({
    files: files(content),
    path,
    application: 'x-blue',
    namespace: 'storefront',
  });
const find = (objects: KubernetesObject[], kind: string) =>
  objects.find(object => object.kind === kind)!;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: x, labels: &labels {app: x}}
spec:
  selector: {matchLabels: *labels}
  template:
    metadata: {labels: *labels}
    spec:
      initContainers: [{name: init, image: registry:5000/team/x:old}]
      containers: [{name: x, image: 'registry:5000/team/x:old'}, {name: proxy, image: proxy:1}]
`;

describe('a plain folder', () => {
  it('gives all documents of the YAML files in it, not below it, with namespace and mark', () => {
    const { sourceType, objects } = render({
      'apps/x/a.yaml': `${DEPLOYMENT}---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: other}\ndata: {on: "yes"}\n`,
      'apps/x/b.json':
        '{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"}}',
      'apps/x/notes.md': 'not a manifest',
      'apps/x/deeper/c.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\n',
      'apps/xy/other.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: neighbour}\n',
    });
    expect(sourceType).toBe('Directory');
    expect(
      objects.map(object => `${object.kind} ${object.metadata.namespace}`),
    ).toEqual([
      'Deployment storefront',
      'ConfigMap other',
      'Service storefront',
    ]);
    expect(find(objects, 'Deployment').metadata.annotations).toEqual({
      'argocd.argoproj.io/tracking-id': 'x-blue:apps/Deployment:storefront/x',
    });
    expect(find(objects, 'Service').metadata.annotations).toEqual({
      'argocd.argoproj.io/tracking-id': 'x-blue:/Service:storefront/x',
    });
    expect(find(objects, 'Deployment').spec.template.metadata.labels).toEqual({
      app: 'x',
    });
  });

  it('takes lists apart', () => {
    const { objects } = render({
      'apps/x/list.yaml':
        'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n',
    });
    expect(objects.map(object => object.metadata.name)).toEqual(['a']);
  });

  it.each([
    [
      'says file and line of what does not parse',
      { 'apps/x/bad.yaml': 'a: 1\nb: [1,\nc: }\n' },
      /Failed to unmarshal "bad.yaml": .*line \d/,
    ],
    [
      'refuses what is no object',
      { 'apps/x/bad.yaml': 'just: text\n' },
      /Object 'Kind' is missing/,
    ],
    [
      'says that the folder is not there',
      { 'apps/y/a.yaml': DEPLOYMENT },
      /apps\/x: app path does not exist/,
    ],
  ])('%s', (_, content, message) => {
    expect(() => render(content)).toThrow(RenderError);
    expect(() => render(content)).toThrow(message);
  });

  it('does not leave the repository', () => {
    expect(() =>
      render({ 'apps/x/a.yaml': DEPLOYMENT }, '../elsewhere'),
    ).toThrow('app path outside root');
  });
});

it.each([
  ['registry:5000/team/x:v9', 'registry:5000/team/x:v9'],
  ['registry:5000/team/x=elsewhere/x:v9', 'elsewhere/x:v9'],
  ['another:v9', 'registry:5000/team/x:v2'],
])(
  'an image of the Application wins over its kustomization: %s',
  (override, image) => {
    const { objects } = renderSource({
      files: files({
        'apps/x/deployment.yaml': DEPLOYMENT,
        'apps/x/kustomization.yaml':
          'resources: [deployment.yaml]\nimages: [{name: registry:5000/team/x, newTag: v2}]\n',
      }),
      path: 'apps/x',
      source: { repoURL: '', kustomize: { images: [override] } },
      application: 'x',
      namespace: 'team',
    });
    const [{ spec }] = objects;
    expect(spec.template.spec.containers[0].image).toBe(image);
  },
);

describe('a kustomization', () => {
  const base = {
    'base/x/deployment.yaml': DEPLOYMENT,
    'base/x/kustomization.yaml': 'resources: [deployment.yaml]\n',
  };
  const build = (kustomization: string) => {
    const { sourceType, objects } = render({
      ...base,
      'apps/x/kustomization.yaml': kustomization,
    });
    expect(sourceType).toBe('Kustomize');
    return find(objects, 'Deployment');
  };
  const images = (deployment: KubernetesObject) =>
    [
      ...deployment.spec.template.spec.initContainers,
      ...deployment.spec.template.spec.containers,
    ].map((container: { image: string }) => container.image);

  it.each([
    [
      'newTag',
      '{name: registry:5000/team/x, newTag: v2}',
      'registry:5000/team/x:v2',
    ],
    [
      'newName',
      '{name: registry:5000/team/x, newName: elsewhere/x}',
      'elsewhere/x:old',
    ],
    [
      'both',
      '{name: registry:5000/team/x, newName: elsewhere/x, newTag: v2}',
      'elsewhere/x:v2',
    ],
    [
      'digest',
      `{name: registry:5000/team/x, digest: 'sha256:${'a'.repeat(64)}'}`,
      `registry:5000/team/x@sha256:${'a'.repeat(64)}`,
    ],
    [
      'another image',
      '{name: registry:5000/team, newTag: v2}',
      'registry:5000/team/x:old',
    ],
  ])('sets images by %s, in init containers too', (_, entry, image) => {
    expect(
      images(build(`resources: [../../base/x]\nimages: [${entry}]\n`)),
    ).toEqual([image, image, 'proxy:1']);
  });

  it('sets namespace, prefix, labels and replicas', () => {
    const deployment = build(
      'resources: [../../base/x]\nnamespace: special\nnamePrefix: my-\ncommonLabels: {stage: dev}\nreplicas: [{name: x, count: 4}]\n',
    );
    expect(deployment.metadata).toMatchObject({
      name: 'my-x',
      namespace: 'special',
      labels: { app: 'x', stage: 'dev' },
    });
    expect(deployment.spec.selector.matchLabels).toEqual({
      app: 'x',
      stage: 'dev',
    });
    expect(deployment.spec.template.metadata.labels).toEqual({
      app: 'x',
      stage: 'dev',
    });
  });

  it.each([
    [
      'a resource that is not there',
      'resources: [nothing.yaml]\n',
      'no such file or directory',
    ],
    [
      'a field that is not known here',
      'resources: [../../base/x]\nhelmCharts: []\n',
      'does not know the field helmCharts',
    ],
  ])('fails for %s', (_, kustomization, message) => {
    expect(() => build(kustomization)).toThrow(message);
  });
});
