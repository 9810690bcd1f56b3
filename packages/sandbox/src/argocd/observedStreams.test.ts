import {
  openStream,
  OpenStream,
  own,
  settled,
  SYNC,
  world,
} from './tests/observed';

/**
 * What was observed on a running Argo CD 3.5.1, by the numbers of its list (argocd-api-and-compatibility.md, 6.15). Those that concern verbs which the
 * product does not call (rollback, patch, resource actions, manifests) are answered with 501.
 */
describe('streams', () => {
  own();

  const names = (stream: OpenStream) =>
    stream
      .lines()
      .map(line => JSON.parse(line).result.application.metadata.name);

  it('11: begin with one ADDED each, as lines of JSON, and then tell what changes', async () => {
    const stream = await openStream('');
    await stream.until(() => stream.lines().length === 2);
    expect(stream.lines().map(line => JSON.parse(line).result.type)).toEqual([
      'ADDED',
      'ADDED',
    ]);
    expect(names(stream)).toEqual(['auto', 'manual']);
    await world.argocd.post(SYNC, {});
    await stream.until(() =>
      stream
        .lines()
        .some(line => JSON.parse(line).result.application.operation),
    );
    expect(
      stream
        .lines()
        .slice(2)
        .every(line => JSON.parse(line).result.type === 'MODIFIED'),
    ).toBe(true);
    stream.end();
  });

  it('11: take name, projects, selector and fields; what says the same again is not sent', async () => {
    const fields =
      'result.type,result.application.metadata.name,result.application.operation.sync,result.application.operation.initiatedBy';
    const stream = await openStream(
      `?name=manual&projects=storefront&selector=backstage-name%3Dorders&fields=${fields}`,
    );
    await stream.until(() => stream.lines().length === 1);
    expect(JSON.parse(stream.lines()[0])).toEqual({
      result: { type: 'ADDED', application: { metadata: { name: 'manual' } } },
    });
    const before = world.argocd.application('manual').status.reconciledAt;
    await world.argocd.post(SYNC, {});
    await world.argocd.until(
      'manual',
      application =>
        settled(application) && application.status.reconciledAt !== before,
    );
    await stream.until(() => stream.lines().length >= 3);
    expect(stream.lines()).toHaveLength(3);
    expect(
      JSON.parse(stream.lines()[1]).result.application.operation.sync.revision,
    ).toMatch(/^[0-9a-f]{40}$/);
    expect(
      JSON.parse(stream.lines()[2]).result.application.operation,
    ).toBeUndefined();
    stream.end();
  });

  it('11: are server-sent events where asked for', async () => {
    const stream = await openStream('', {
      Accept: 'text/event-stream',
      'Accept-Encoding': 'gzip, deflate',
    });
    await stream.until(() => stream.lines().length === 2);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(stream.lines()[0]).toMatch(/^data: \{"result":.*\} $/);
    stream.end();
  });

  it.each(['?name=nothing', '?resourceVersion=1'])(
    '12: send no header before the first event: %s',
    async query => {
      const stream = await openStream(query);
      await new Promise(resolve => setTimeout(resolve, 100));
      expect([stream.headers, stream.ended]).toEqual([{}, false]);
      stream.end();
    },
  );

  it('13: with resourceVersion leave out the first part and replay nothing, but not where a name is given', async () => {
    const stream = await openStream('?resourceVersion=1');
    const named = await openStream('?resourceVersion=1&name=auto');
    await named.until(() => named.lines().length === 1);
    await world.argocd.post(SYNC, { dryRun: true });
    await stream.until(() => stream.lines().length > 0);
    expect(JSON.parse(stream.lines()[0]).result.type).toBe('MODIFIED');
    stream.end();
    named.end();
  });

  it('14: without a token have an error of another shape, which fields reduce to nothing', async () => {
    const plain = await world.argocd.get('/api/v1/stream/applications', {
      token: 'rubbish',
    });
    expect([plain.status, plain.json.error]).toEqual([
      401,
      expect.objectContaining({
        grpc_code: 16,
        http_code: 401,
        message: 'no session information',
      }),
    ]);
    expect(
      (
        await world.argocd.get(
          '/api/v1/stream/applications?fields=result.type',
          { token: 'rubbish' },
        )
      ).json,
    ).toEqual({});
  });

  it('15: outlive the end of their token', async () => {
    const stream = await openStream('?name=manual');
    await stream.until(() => stream.lines().length === 1);
    await world.argocd.board.request({ fault: 'argocd-token-expired' });
    await world.argocd.argocd.controller.refresh('manual', 'normal');
    await stream.until(() => stream.lines().length > 1);
    expect(stream.ended).toBe(false);
    stream.end();
  });

  it('16: tell when an Application is deleted', async () => {
    const stream = await openStream('?name=manual');
    await stream.until(() => stream.lines().length === 1);
    world.argocd.argocd.applications.remove('manual');
    await stream.until(() =>
      stream.lines().some(line => JSON.parse(line).result.type === 'DELETED'),
    );
    expect(
      JSON.parse(stream.lines().at(-1)!).result.application.metadata.name,
    ).toBe('manual');
    stream.end();
  });

  it('can be cut and silenced on request', async () => {
    const stream = await openStream('?name=manual');
    await stream.until(() => stream.lines().length === 1);
    await world.argocd.board.request({ fault: 'argocd-streams-silent' });
    await world.argocd.argocd.controller.refresh('manual', 'normal');
    expect(stream.lines()).toHaveLength(1);
    expect(
      await world.argocd.board.request({ fault: 'argocd-streams-cut' }),
    ).toEqual({ streams: 1 });
    await stream.until(() => stream.ended);
  });
});
