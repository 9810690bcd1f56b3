import { mockCredentials, TestBackend } from '@backstage/backend-test-utils';
import request from 'supertest';

/** Calls the plugin over HTTP as a user of the default namespace. */
export function callAs({ server }: TestBackend, name: string) {
  const headers = {
    Authorization: mockCredentials.user.header(`user:default/${name}`),
  };
  return {
    get: (path: string) => request(server).get(`/api/runs${path}`).set(headers),
    post: (path: string, body: object = {}) =>
      request(server).post(`/api/runs${path}`).set(headers).send(body),
  };
}
