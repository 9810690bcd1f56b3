import { ConfigReader } from '@backstage/config';
import { readRunsConfig } from './config';

const read = (data: object) => readRunsConfig(new ConfigReader(data as never));

describe('readRunsConfig', () => {
  it('works without any configuration', () => {
    expect(read({})).toEqual({
      worker: true,
      leaseMs: 10_000,
      sweepIntervalMs: 2_000,
      maxActiveRuns: 500,
      wakeupSchema: undefined,
      embeddedPostgres: false,
      embeddedPostgresDirectory: undefined,
      appBaseUrl: 'http://localhost:3000',
      environments: [],
      accessMembers: undefined,
      approvals: [],
      breakGlass: {
        validForMs: 1_800_000,
        confirmWithinMs: 1_800_000,
        secondPerson: ['production', 'unassigned'],
        lifts: [],
        confirmers: [],
      },
      findings: [],
      lockPolicies: [],
      notices: {
        portal: true,
        quiet: { withinMs: 0, environments: [], actions: [] },
        slack: undefined,
        routes: [],
        templates: {},
      },
      record: {
        manual: { defaultMs: 1_200_000, actionsMs: {} },
        rollbacks: ['rollback'],
        retention: {},
      },
    });
  });

  it('reads what is configured', () => {
    const config = read({
      app: { baseUrl: 'https://portal.example/base/' },
      switchyard: {
        runs: {
          worker: false,
          lease: { seconds: 3 },
          sweepInterval: '500ms',
          maxActiveRuns: 3,
          wakeupSchema: 'wake',
        },
        environments: [{ name: 'production' }, { name: 'development' }],
        access: [
          { members: ['Group:default/Storefront'], allow: ['see'] },
          { allow: ['see'] },
        ],
      },
    });
    expect(config).toMatchObject({
      worker: false,
      leaseMs: 3_000,
      sweepIntervalMs: 500,
      maxActiveRuns: 3,
      wakeupSchema: 'wake',
      appBaseUrl: 'https://portal.example/base',
      environments: ['production', 'development'],
      accessMembers: new Set(['group:default/storefront']),
    });
  });

  it.each([
    [{ lease: { milliseconds: 10 } }, 'switchyard.runs.lease is 10 ms'],
    [{ maxActiveRuns: 0 }, 'switchyard.runs.maxActiveRuns is 0'],
    [{ worker: 'yes please' }, 'switchyard.runs.worker'],
  ])('refuses %j and names the key', (runs, message) => {
    expect(() => read({ switchyard: { runs } })).toThrow(message);
  });

  it('reads how long locks hold, and names what is wrong', () => {
    const readRow = (row: object) =>
      read({ switchyard: { runs: { locks: { expiry: [row] } } } }).lockPolicies;
    expect(
      readRow({
        match: { environments: ['production'], kinds: ['lock'] },
        default: { hours: 24 },
        longest: 'P7D',
      }),
    ).toMatchObject([
      {
        match: { environments: ['production'], kinds: ['lock'] },
        defaultMs: 86_400_000,
        longestMs: 7 * 86_400_000,
      },
    ]);
    expect(() => readRow({ match: { kinds: ['ban'] } })).toThrow(
      "switchyard.runs.locks.expiry[0].match.kinds: 'ban' is none of lock, warning, freeze",
    );
    expect(() =>
      readRow({ default: { days: 2 }, longest: { days: 1 } }),
    ).toThrow(/\[0\]\.default is longer/);
  });
});
