import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { aFleetRow, aFleetView } from '../__testUtils__/fleet';
import {
  countRows,
  describeCounts,
  groupRows,
  orderRows,
} from './arrangeFleet';
import { toCsv, toJson } from './exportFleet';
import { FleetFilter, filterRows, prepareTexts } from './filterFleet';
import { mergeFleet } from './mergeFleet';

const ENVIRONMENTS = ['production', 'development'];
const names = (rows: readonly FleetRow[]) => rows.map(({ name }) => name);

describe('order', () => {
  it.each<[string, Partial<FleetRow>, Partial<FleetRow>]>([
    ['failed before not seen', { severity: 'failed' }, { severity: 'unseen' }],
    [
      'not seen before drifting',
      { severity: 'unseen' },
      { severity: 'drifting' },
    ],
    [
      'drifting before changing',
      { severity: 'drifting' },
      { severity: 'running' },
    ],
    [
      'changing before unknown',
      { severity: 'running' },
      { severity: 'unknown' },
    ],
    ['unknown before fine', { severity: 'unknown' }, { severity: 'fine' }],
    [
      'severity before environment',
      { severity: 'failed', environment: 'development' },
      { severity: 'drifting', environment: 'production' },
    ],
    [
      'environments as in the config, what is unassigned last',
      { environment: 'development' },
      { environment: 'unassigned' },
    ],
    [
      'then names',
      { entity: { ref: 'component:default/api' } },
      { entity: { ref: 'component:default/orders' } },
    ],
    ['then clusters', { cluster: 'prod-blue' }, { cluster: 'prod-green' }],
  ])('%s', (_, first, second) => {
    const one = aFleetRow({ id: 'z', name: 'first', ...first });
    const other = aFleetRow({ id: 'a', name: 'second', ...second });
    expect(names(orderRows([other, one], ENVIRONMENTS))).toEqual([
      'first',
      'second',
    ]);
  });
});

describe('groups', () => {
  const of = (team: string | undefined, severity: FleetRow['severity']) =>
    aFleetRow({
      severity,
      entity: team ? { ref: 'component:default/x', owner: team } : undefined,
    });

  it('come with the most that is wrong first, then by name; what has none has a group', () => {
    const groups = groupRows(
      [
        of('group:default/b', 'failed'),
        of('group:default/a', 'failed'),
        of('group:default/b', 'drifting'),
        of('group:default/c', 'failed'),
        of('group:default/c', 'failed'),
        of(undefined, 'fine'),
        of('group:default/d', 'fine'),
        of('group:default/d', 'fine'),
      ],
      'team',
    );
    expect(
      groups.map(({ value, counts }) => `${value}: ${describeCounts(counts)}`),
    ).toEqual([
      'group:default/c: 2 failed',
      'group:default/b: 1 failed, 1 drifting',
      'group:default/a: 1 failed',
      '-: 1 fine',
      'group:default/d: 2 fine',
    ]);
  });

  it('keep the order of the lines', () => {
    const rows = ['c', 'a', 'b'].map(name => aFleetRow({ id: name, name }));
    expect(names(groupRows(rows, 'cluster')[0].rows)).toEqual(['c', 'a', 'b']);
    expect(countRows(rows)).toEqual({ fine: 3 });
  });
});

describe('filter', () => {
  const rows = [
    aFleetRow(),
    aFleetRow({
      id: 'chat',
      name: 'chat-green',
      severity: 'failed',
      entity: {
        ref: 'component:default/chat',
        title: 'Chat service',
        owner: 'group:default/realtime',
      },
      cluster: 'prod-green',
      version: 'v9.0.0',
      problem: 'CrashLoopBackOff: exit code 137',
      app: undefined,
    }),
    aFleetRow({
      id: 'stray',
      name: 'stray',
      entity: undefined,
      environment: 'unassigned',
      cluster: undefined,
      destination: 'https://elsewhere.example.com',
      app: { ...aFleetRow().app!, sync: 'OutOfSync' },
    }),
  ];
  const filter = (more: Partial<FleetFilter>): FleetFilter => ({
    text: '',
    fields: {},
    ...more,
  });

  it.each<[string, Partial<FleetFilter>, string[]]>([
    ['nothing wanted', {}, ['orders-blue', 'chat-green', 'stray']],
    ['a word', { text: 'CHAT' }, ['chat-green']],
    ['all words, anywhere', { text: ' blue  orders ' }, ['orders-blue']],
    ['a title', { text: 'chat service' }, ['chat-green']],
    ['a version', { text: 'v5.3.24' }, ['orders-blue', 'stray']],
    ['a reason', { text: 'crashloop' }, ['chat-green']],
    ['no entity', { text: 'no entity' }, ['stray']],
    ['a team', { fields: { team: 'group:default/realtime' } }, ['chat-green']],
    ['no team', { fields: { team: '-' } }, ['stray']],
    ['no system', { fields: { system: '-' } }, ['chat-green', 'stray']],
    [
      'an environment',
      { fields: { environment: 'production' } },
      ['orders-blue', 'chat-green'],
    ],
    ['a cluster', { fields: { cluster: 'prod-green' } }, ['chat-green']],
    [
      'a destination that is no cluster',
      { fields: { cluster: 'https://elsewhere.example.com' } },
      ['stray'],
    ],
    ['a status', { fields: { status: 'failed' } }, ['chat-green']],
    ['a sync', { fields: { sync: 'OutOfSync' } }, ['stray']],
    ['no Argo CD', { fields: { health: '-' } }, ['chat-green']],
    [
      'two fields at once',
      { fields: { environment: 'production', sync: 'Synced' } },
      ['orders-blue'],
    ],
    [
      'what one owns',
      { owners: new Set(['group:default/storefront']) },
      ['orders-blue'],
    ],
    ['what nobody owns is not mine', { owners: new Set() }, []],
  ])('%s', (_, wanted, expected) => {
    expect(names(filterRows(rows, filter(wanted)))).toEqual(expected);
  });
});

describe('texts that filters look through', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Lines that note how often they are read. */
  function countingRows(count: number) {
    const seen = { reads: 0 };
    const rows = Array.from({ length: count }, (_, index) =>
      Object.defineProperty(aFleetRow({ id: `row ${index}` }), 'name', {
        get() {
          seen.reads += 1;
          return `app-${index}`;
        },
      }),
    );
    return { rows, seen };
  }

  it('are made once, before somebody types', () => {
    const { rows, seen } = countingRows(50);
    prepareTexts(rows);
    expect(seen.reads).toBe(0);
    jest.advanceTimersByTime(1000);
    expect(seen.reads).toBe(50);
    expect(filterRows(rows, { text: 'app-7', fields: {} })).toEqual([rows[7]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are not made for lines that are no longer shown', () => {
    const { rows, seen } = countingRows(50);
    const stop = prepareTexts(rows);
    stop();
    jest.advanceTimersByTime(1000);
    expect(seen.reads).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('export', () => {
  it.each([
    ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
    ['+1', `"'+1"`],
    ['-2+3', `"'-2+3"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['  =1', `"'  =1"`],
    ['a,b', '"a,b"'],
    ['two\nlines', '"two\nlines"'],
    ['v1.2.3', 'v1.2.3'],
  ])('writes %j as %s', (version, cell) => {
    const csv = toCsv([aFleetRow({ version })]);
    expect(csv).toContain(`storefront,${cell},,main`);
  });

  it('has a header, one line for each, and numbers as numbers', () => {
    const csv = toCsv([aFleetRow(), aFleetRow({ pods: undefined })]);
    const [header, first, second, end] = csv.split('\r\n');
    expect(header).toMatch(/^status,name,component,team,system,environment/);
    expect(first).toContain(',Healthy,Succeeded,5,5,,');
    expect(second).toContain(',Healthy,Succeeded,,,,');
    expect(end).toBe('');
  });

  it('gives as JSON what was read', () => {
    const rows = [aFleetRow()];
    expect(JSON.parse(toJson(rows))).toEqual(rows);
  });
});

describe('an answer of another replica', () => {
  const table = (rows: FleetRow[], versions: Record<string, string>) => {
    const { since, ...rest } = aFleetView(rows, { versions });
    return rest;
  };
  const blue = aFleetRow({ id: 'b', version: 'v2' });
  const oldBlue = aFleetRow({ id: 'b', version: 'v1' });
  const green = aFleetRow({ id: 'g', cluster: 'prod-green', version: 'v1' });
  const newGreen = { ...green, version: 'v2' };
  const known = {
    ...table([blue, green], { 'prod-blue': '99', 'prod-green': '50' }),
    hash: 'h0',
  };

  it('that says the same, and has only heard of less, is not behind', () => {
    const versions = { 'prod-blue': '98', 'prod-green': '51' };
    const answer = { ...table([blue, green], versions), hash: 'h0' };
    const { value, behind } = mergeFleet(known, answer);
    expect(behind).toBe(false);
    expect(value.hash).toBe('h0');
    expect(value.versions).toEqual({ 'prod-blue': '99', 'prod-green': '51' });
  });

  it.each<[string, FleetRow[], Record<string, string>, FleetRow[], boolean]>([
    [
      'that is newer is taken',
      [blue, newGreen],
      { 'prod-blue': '100', 'prod-green': '51' },
      [blue, newGreen],
      false,
    ],
    [
      'that is older in one cluster gives the others',
      [oldBlue, newGreen],
      { 'prod-blue': '98', 'prod-green': '51' },
      [newGreen, blue],
      true,
    ],
    [
      'that does not have a line yet does not take it away',
      [newGreen],
      { 'prod-blue': '98', 'prod-green': '51' },
      [newGreen, blue],
      true,
    ],
    [
      'that no longer sees a cluster is believed',
      [green],
      { 'prod-green': '50' },
      [green],
      false,
    ],
    [
      'whose versions are no numbers is believed',
      [oldBlue, green],
      { 'prod-blue': 'x', 'prod-green': '50' },
      [oldBlue, green],
      false,
    ],
  ])('%s', (_, rows, versions, shown, behind) => {
    const merged = mergeFleet(known, table(rows, versions));
    expect(merged.behind).toBe(behind);
    expect(merged.value.rows).toEqual(shown);
    expect(merged.value.hash).toBe(behind ? '' : 'h1');
  });
});
