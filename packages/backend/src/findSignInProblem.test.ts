import { ConfigReader } from '@backstage/config';
import { findSignInProblem } from './findSignInProblem';

describe('findSignInProblem', () => {
  it.each([
    ['nothing', {}, /No auth provider/],
    [
      'the guest alone',
      { auth: { providers: { guest: {} } } },
      /No auth provider/,
    ],
    [
      'picking a person against real systems',
      { auth: { providers: { sandbox: {}, oidc: {} } } },
      /anybody/,
    ],
  ])('refuses %s', (_, data, message) => {
    expect(findSignInProblem(new ConfigReader(data))).toMatch(message);
  });

  it.each([
    ['a real provider', { auth: { providers: { oidc: {} } } }],
    [
      'the sandbox',
      { switchyard: { sandbox: true }, auth: { providers: { sandbox: {} } } },
    ],
  ])('accepts %s', (_, data) => {
    expect(findSignInProblem(new ConfigReader(data))).toBeUndefined();
  });
});
