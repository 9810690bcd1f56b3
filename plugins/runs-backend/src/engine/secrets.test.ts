import { toStorableText } from './text';
import { withoutSecrets } from './secrets';

describe('withoutSecrets', () => {
  it.each([
    [
      'fatal: https://bot:hunter2hunter2@git.example.com/a.git refused',
      'fatal: https://…@git.example.com/a.git refused',
    ],
    ['https://ghp_abcdefghijkl@github.com/a', 'https://…@github.com/a'],
    ['Authorization: Bearer abcdefghijklmnop.q', 'Authorization: Bearer …'],
    ['got eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl', 'got …'],
    ['used glpat-abcdefghijklmn', 'used glpat-…'],
    ['key AKIAIOSFODNN7EXAMPLE is gone', 'key AKIA… is gone'],
    ['DB_PASSWORD=sup3rsecret host=db', 'DB_PASSWORD=… host=db'],
    ['{"clientSecret":"abcdefgh"}', '{"clientSecret":"…"}'],
    ['GET /a?access_token=abcdefgh&b=1', 'GET /a?access_token=…&b=1'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend',
      '-----BEGIN RSA PRIVATE KEY-----…\nend',
    ],
  ])('%s', (text, safe) => {
    expect(withoutSecrets(text)).toBe(safe);
    expect(toStorableText(text)).toBe(safe);
  });

  it.each([
    'Pushed 8c1f0a2b3c to main of deploys/blue',
    'image registry.example.com/shop/orders:v5.3.25@sha256:0123456789abcdef0123456789abcdef',
    '3 of 5 pods ready; orders-7d9c8b6f5d-x2x4p: CrashLoopBackOff',
    'https://argocd.example.com/applications/argocd/orders-blue?view=tree',
    'group:default/storefront asked user:default/dana, see a@example.com',
    'The Secret orders-tokens is missing',
    'Secret: orders',
  ])('leaves alone: %s', text => {
    expect(withoutSecrets(text)).toBe(text);
  });
});
