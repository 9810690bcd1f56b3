import { buildChart } from './helm';

const files = (templates: string, values = 'image: {tag: v1}\nteam: a\n') =>
  new Map(
    Object.entries({
      'site/Chart.yaml': 'name: site\nversion: 1.2.3\n',
      'site/values.yaml': values,
      'site/more.yaml': 'team: from-file\n',
      'site/templates/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${templates}`,
      'site/templates/NOTES.txt': '{{ nonsense }}',
    }).map(([path, text]) => [path, Buffer.from(text)]),
  );
const build = (
  templates: string,
  helm: Parameters<typeof buildChart>[0]['source']['helm'] = {},
) =>
  buildChart({
    files: files(templates),
    folder: 'site',
    source: { repoURL: 'http://charts', chart: 'site', helm },
    references: new Map([
      ['values', new Map([['x/values.yaml', Buffer.from('team: from-git\n')]])],
    ]),
    release: 'web',
    namespace: 'apps',
  })[0].data;

it.each([
  ['a value', '  x: {{ .Values.image.tag }}\n', 'v1'],
  [
    'the release',
    '  x: {{ .Release.Name }}.{{ .Release.Namespace }}\n',
    'web.apps',
  ],
  ['the chart', '  x: {{ .Chart.Name }}-{{ .Chart.Version }}\n', 'site-1.2.3'],
  ['quotes', '  x: {{ .Values.image.tag | quote }}\n', 'v1'],
  ['a default', '  x: {{ .Values.none | default "d" }}\n', 'd'],
  ['yaml', '  x: |{{ toYaml .Values.image | nindent 4 }}\n', 'tag: v1\n'],
  ['a comment', '{{- /* said */ -}}\n  x: said\n', 'said'],
])('knows %s', (_, template, x) => {
  expect(build(template)).toEqual({ x });
});

it('takes values in their order: the chart, files, the Application, parameters', () => {
  const template = '  x: {{ .Values.team }}\n';
  const order = [
    [{}, 'a'],
    [{ valueFiles: ['more.yaml'] }, 'from-file'],
    [{ valueFiles: ['more.yaml', '$values/x/values.yaml'] }, 'from-git'],
    [
      { valueFiles: ['$values/x/values.yaml'], valuesObject: { team: 'own' } },
      'own',
    ],
    [
      {
        valuesObject: { team: 'own' },
        parameters: [{ name: 'team', value: 'last' }],
      },
      'last',
    ],
  ] as const;
  for (const [helm, x] of order) {
    expect(build(template, helm as never)).toEqual({ x });
  }
});

it.each([
  ['  x: {{ if .Values.a }}\n', /does not know '\{\{ if \.Values\.a \}\}'/],
  ['  x: {{ .Values.team | upper }}\n', /does not know the function 'upper'/],
])('refuses what it does not know: %s', (template, message) => {
  expect(() => build(template)).toThrow(message);
});

it('says which file of values is not there', () => {
  expect(() =>
    build('  x: y\n', { valueFiles: ['$values/none.yaml'] }),
  ).toThrow(/open \$values\/none.yaml: no such file/);
});
