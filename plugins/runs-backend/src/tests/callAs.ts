import { mockCredentials, TestBackend } from '@backstage/backend-test-utils';
import request, { Response } from 'supertest';
import { findUndescribed } from './described';

const undescribed = new Set<string>();

// Whatever a suite calls, the answer is held against the OpenAPI document.
afterAll(() => {
  if (undescribed.size > 0)
    throw new Error(
      `openapi.yaml does not say: ${[...undescribed].join('; ')}`,
    );
});

/** Calls the plugin over HTTP as a user of the default namespace. */
export function callAs({ server }: TestBackend, name: string) {
  const headers = {
    Authorization: mockCredentials.user.header(`user:default/${name}`),
  };
  const hold = (method: string, path: string) => (response: Response) => {
    const { status, body, type } = response;
    if (type !== 'application/json') return;
    for (const problem of findUndescribed({ method, path, status, body }))
      undescribed.add(problem);
  };
  return {
    get: (path: string) =>
      request(server)
        .get(`/api/runs${path}`)
        .set(headers)
        .expect(hold('get', path)),
    post: (path: string, body: object = {}) =>
      request(server)
        .post(`/api/runs${path}`)
        .set(headers)
        .send(body)
        .expect(hold('post', path)),
  };
}
