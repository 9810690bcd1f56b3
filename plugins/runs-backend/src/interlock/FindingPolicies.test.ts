import { ConfigReader } from '@backstage/config';
import { FindingPolicies } from './FindingPolicies';
import { readFindingPolicies } from './readFindingPolicies';

const read = (findings: unknown) =>
  new FindingPolicies(
    readFindingPolicies(
      new ConfigReader({ switchyard: { runs: { findings } } } as never),
    ),
  );
const production = { environment: 'production', action: 'hotfix' };
const development = { environment: 'development', action: 'hotfix' };
const UNLESS_TOLD = { error: 'warn', warning: 'warn', info: 'ignore' };

describe('FindingPolicies', () => {
  it('stops nobody until it is told to', () => {
    expect(read(undefined).find(production)).toEqual(UNLESS_TOLD);
  });

  it('lets the strictest of the rows that match count', () => {
    const policies = read([
      { severities: { warning: 'ignore', info: 'ignore' } },
      {
        match: { environments: ['production'] },
        severities: { error: 'block', warning: 'warn' },
      },
      {
        match: { environments: ['production'], actions: ['scale'] },
        severities: { info: 'block' },
      },
    ]);
    expect(policies.find(production)).toEqual({
      error: 'block',
      warning: 'warn',
      info: 'ignore',
    });
    expect(policies.find({ ...production, action: 'scale' }).info).toBe(
      'block',
    );
    expect(policies.find(development)).toEqual({
      ...UNLESS_TOLD,
      warning: 'ignore',
    });
    // What no environment matches gets the strictest of all.
    expect(
      policies.find({ environment: 'unassigned', action: 'scale' }),
    ).toEqual({ error: 'block', warning: 'warn', info: 'block' });
  });

  it.each([
    [
      [{ severities: { fatal: 'block' } }],
      "switchyard.runs.findings[0].severities: 'fatal' is none of error, warning, info",
    ],
    [
      [{ severities: {} }, { severities: { error: 'stop' } }],
      "switchyard.runs.findings[1].severities.error: 'stop' is none of block, warn, ignore",
    ],
    [[{ match: {} }], 'severities'],
  ])('refuses %j and names the key', (findings, message) => {
    expect(() => read(findings)).toThrow(message);
  });
});
