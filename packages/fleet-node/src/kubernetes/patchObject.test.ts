import { ServerResponse } from 'node:http';
import { createKubernetesWriter } from '../effects';
import { FleetService } from '../types';
import { DefaultFleet } from '../service/DefaultFleet';
import { mockServices } from '@backstage/backend-test-utils';
import { FakeApiServer } from '../tests/FakeApiServer';
import { eventually } from '../tests/eventually';

const NAME = {
  cluster: 'prod-blue',
  resource: { group: 'apps', version: 'v1', plural: 'deployments' },
  namespace: 'storefront',
  name: 'orders',
};
const PATH = '/apis/apps/v1/namespaces/storefront/deployments/orders';

let server: FakeApiServer;
let fleet: DefaultFleet;
let credentials: string[];
let sent: Array<{ method?: string; type?: string; url?: string; body: any }>;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  sent = [];
  credentials = ['token-1'];
  answer = response =>
    response.end(
      JSON.stringify({
        metadata: { uid: 'u', resourceVersion: '11', generation: 4 },
      }),
    );
  server.handlers.set(PATH, async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { method, headers, url } = request;
    const type = headers['content-type'];
    sent.push({ method, type, url, body: JSON.parse(body) });
    answer(response);
  });
  const logger = mockServices.logger.mock();
  fleet = DefaultFleet.create({
    argo: [],
    logger: mockServices.logger.mock({ child: () => logger }),
    timings: { kubernetes: { answerTimeoutMs: 200, connectTimeoutMs: 200 } },
  });
  fleet.setClusterSource(async () => [
    {
      name: 'prod-blue',
      url: server.url,
      credential: async () => ({
        token: credentials.length > 1 ? credentials.shift() : credentials[0],
      }),
    },
  ]);
  await eventually(() => fleet.clusters().length > 0);
});

afterEach(async () => {
  fleet.stop();
  await server.stop();
});

const patch = (
  more: Partial<typeof NAME> & { resourceVersion?: string } = {},
) => {
  const { resourceVersion = '10', ...name } = more;
  return createKubernetesWriter({ fleet }).patch(
    { ...NAME, ...name },
    {
      resourceVersion,
      change: { metadata: { annotations: { a: 'b' } }, spec: { replicas: 2 } },
    },
    { signal: new AbortController().signal },
  );
};

const status = (code: number, message: string) => (response: ServerResponse) =>
  response.writeHead(code).end(JSON.stringify({ kind: 'Status', message }));

it('merges the patch into the version that it rests on, under our name', async () => {
  await expect(patch()).resolves.toEqual({
    uid: 'u',
    resourceVersion: '11',
    generation: 4,
  });
  expect(sent).toEqual([
    {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      url: `${PATH}?fieldManager=switchyard`,
      body: {
        metadata: { annotations: { a: 'b' }, resourceVersion: '10' },
        spec: { replicas: 2 },
      },
    },
  ]);
});

it.each<[string, (response: ServerResponse) => void, string, string, RegExp]>([
  [
    '409',
    status(409, 'the object has been modified'),
    'conflict',
    'not-done',
    /has changed/,
  ],
  ['404', status(404, 'not found'), 'not-found', 'not-done', /does not have/],
  [
    'a missing right',
    status(
      403,
      'deployments.apps "orders" is forbidden: User "x" cannot patch resource "deployments"',
    ),
    'forbidden',
    'not-done',
    /account may not change deployments in cluster prod-blue/,
  ],
  [
    'a webhook',
    status(403, 'admission webhook "policy" denied the request: no'),
    'refused',
    'not-done',
    /denied the request: no/,
  ],
  ['429', status(429, 'slow down'), 'unreachable', 'not-done', /left alone/],
  ['500', status(500, 'etcd'), 'unreachable', 'unknown', /HTTP status 500/],
  ['silence', () => {}, 'unreachable', 'unknown', /does not answer/],
  [
    'a cut',
    response => response.destroy(),
    'unreachable',
    'unknown',
    /broke the connection off/,
  ],
  [
    'nonsense',
    response => response.end('<html>'),
    'unreachable',
    'unknown',
    /makes no sense/,
  ],
])(
  'says of %s what it was, and asks once',
  async (_, fault, kind, outcome, message) => {
    answer = fault;
    await expect(patch()).rejects.toMatchObject({
      name: 'KubernetesWriteError',
      cluster: 'prod-blue',
      kind,
      outcome,
      message: expect.stringMatching(message),
    });
    expect(sent).toHaveLength(1);
  },
);

it('has certainly done nothing where no connection is made', async () => {
  await server.stop();
  await expect(patch()).rejects.toMatchObject({
    kind: 'unreachable',
    outcome: 'not-done',
  });
});

it.each<[string, Parameters<typeof patch>[0]]>([
  ['leaves its place', { name: '../../secrets/x' }],
  ['is no namespace', { namespace: 'a/b' }],
  ['rests on no version', { resourceVersion: '' }],
  ['is in a cluster that nobody knows', { cluster: 'other' }],
])('sends nothing that %s', async (_, name) => {
  await expect(patch(name)).rejects.toThrow();
  expect(sent).toEqual([]);
});

it('is not handed out by anything but a fleet of ours', () => {
  expect(() => createKubernetesWriter({ fleet: {} as FleetService })).toThrow(
    'cannot change objects',
  );
});
