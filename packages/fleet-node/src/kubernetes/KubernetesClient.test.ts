import { once } from 'node:events';
import http from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { KubernetesClient } from './KubernetesClient';
import { DEFAULT_KUBERNETES_TIMINGS } from './timings';

describe('a refusal after which there is no other credential', () => {
  let server: http.Server;
  let client: KubernetesClient;
  let refused: Promise<Socket>;

  beforeEach(async () => {
    let asked = 0;
    let onRefused = (_: Socket) => {};
    refused = new Promise(resolve => {
      onRefused = resolve;
    });
    server = http.createServer((request, response) => {
      asked += 1;
      if (asked === 1) {
        response.end('{}');
        return;
      }
      // Its end does not come by itself.
      response.writeHead(401);
      response.write('{');
      onRefused(request.socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    let given = 0;
    client = new KubernetesClient({
      cluster: {
        name: 'prod-blue',
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        credential: async () => {
          given += 1;
          if (given > 1) throw new Error('No credential');
          return { token: 'secret-token' };
        },
      },
      timings: DEFAULT_KUBERNETES_TIMINGS,
    });
  });

  afterEach(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['a request', signal => client.open('/api', { signal })],
    [
      'a web socket',
      signal =>
        client.openWebSocket('/exec', {
          protocols: ['v5.channel.k8s.io'],
          limitBytes: 1024,
          signal,
        }),
    ],
  ])('of %s leaves no connection open', async (_, ask) => {
    const { signal } = new AbortController();
    await client.getJson('/version', { signal });
    await expect(ask(signal)).rejects.toThrow();
    const socket = await refused;
    if (!socket.destroyed) await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});
