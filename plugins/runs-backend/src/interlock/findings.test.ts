import {
  FactReading,
  FindingFact,
} from '@switchyard/backstage-plugin-runs-node';
import { RunsConfig } from '../config';
import { TestDatabase } from '../tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  ENTITY_REF,
} from '../tests/testKind';
import { TestCatalog, TestReplica } from '../tests/TestReplica';

jest.setTimeout(30_000);

const BLOCKING: Partial<RunsConfig> = {
  findings: [
    {
      match: { environments: ['production'] },
      severities: { error: 'block' },
    },
  ],
};

/** Stands for checks of the company: what they find is what the test says. */
class Checks {
  readonly id = 'checks';
  readonly actions = ['test'];
  readonly onlyFindings = true;
  found: FindingFact[] = [];
  down = false;

  async read(): Promise<FactReading> {
    return this.down
      ? { state: 'not-readable', why: 'The checks do not answer.' }
      : { state: 'read', asOf: new Date().toISOString(), facts: this.found };
  }
}

const error: FindingFact = {
  type: 'finding',
  id: 'ZD04',
  severity: 'error',
  title: 'No readiness gate',
  what: 'Pods get traffic before the balancer knows them.',
  where: 'Deployment orders in prod-blue',
};

describe('findings of checks', () => {
  let database: TestDatabase;
  let replica: TestReplica;
  let checks: Checks;
  let effects: number;
  let gate: ReturnType<typeof createGate>;

  beforeEach(async () => {
    database = await TestDatabase.create();
    checks = new Checks();
    effects = 0;
    gate = createGate();
  });

  afterEach(async () => {
    gate.open();
    await replica?.stop();
    await database.drop();
  });

  const start = async (config: Partial<RunsConfig>) => {
    replica = await TestReplica.start({
      database,
      config,
      sources: [checks],
      catalog: new TestCatalog(),
      kinds: [
        createKind({
          handlers: {
            change: {
              effect: 'idempotent',
              run: async context => {
                await gate.promise;
                await context.beforeEffect();
                effects += 1;
                return { output: {} };
              },
            },
          },
        }),
      ],
    });
  };
  const ask = (environment: string) =>
    replica.request({
      environment,
      keys: [`target:${ENTITY_REF}@${environment}`],
      steps: [
        { ...createPlan().steps[0], handler: 'change', effect: 'idempotent' },
      ],
    });

  it('stop what is in line where the policy says so, and nothing elsewhere', async () => {
    await start(BLOCKING);
    gate.open();
    checks.found = [error];
    const production = await ask('production');
    const development = await ask('development');
    await replica.reaches(development, 'succeeded');
    const parked = await replica.reaches(production, 'waiting');
    expect(parked.parked).toMatchObject({
      ready: false,
      blockers: [
        { type: 'finding', ref: 'ZD04 Deployment orders in prod-blue' },
      ],
    });
    expect(effects).toBe(1);

    checks.found = [];
    await replica.confirm(production);
    await replica.reaches(production, 'succeeded');
  });

  it('that come up after the claim stop the effect', async () => {
    await start(BLOCKING);
    const id = await ask('production');
    await replica.begins(id);
    checks.found = [error];
    gate.open();
    const run = await replica.reaches(id, 'waiting');
    expect(run.parked?.blockers).toMatchObject([{ type: 'finding' }]);
    expect(effects).toBe(0);
  });

  it('stop nothing until a policy says so, nor does a check that is down', async () => {
    await start({});
    gate.open();
    checks.found = [error];
    await replica.reaches(await ask('production'), 'succeeded');
    checks.down = true;
    await replica.reaches(await ask('production'), 'succeeded');
    expect(effects).toBe(2);
  });

  it('that cannot be read stop what one of them could have stopped', async () => {
    await start(BLOCKING);
    gate.open();
    checks.down = true;
    const run = await replica.reaches(
      await ask('production'),
      'waiting',
      15_000,
    );
    expect(run.parked?.blockers).toMatchObject([
      { type: 'source-not-readable', why: 'The checks do not answer.' },
    ]);
    expect(effects).toBe(0);
    await replica.reaches(await ask('development'), 'succeeded');
  });
});
