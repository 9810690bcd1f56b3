import { EnvironmentConfig } from '../config';
import { environmentOf, UNASSIGNED_ENVIRONMENT } from './environments';

const environments: EnvironmentConfig[] = [
  {
    name: 'production',
    title: 'production',
    match: [
      { cluster: ['prod-*'], project: ['storefront', 'realtime'] },
      { namespace: ['payments'] },
    ],
  },
  { name: 'staging', title: 'staging', match: [{ labels: { stage: 'st*' } }] },
  {
    name: 'development',
    title: 'development',
    match: [{ cluster: ['dev', 'prod-blue'] }],
  },
  { name: 'nothing', title: 'nothing', match: [{}] },
];

describe('environmentOf', () => {
  it.each([
    [
      'all fields of one matcher',
      { cluster: 'prod-blue', project: 'realtime' },
      'production',
    ],
    [
      'the first environment that matches, not the best',
      { cluster: 'dev', namespace: 'payments' },
      'production',
    ],
    [
      'the next one where a field differs',
      { cluster: 'prod-blue', project: 'platform' },
      'development',
    ],
    [
      'labels with a glob',
      { cluster: 'lab', labels: { stage: 'stage-2' } },
      'staging',
    ],
    [
      'nothing that it was not told',
      { project: 'storefront' },
      UNASSIGNED_ENVIRONMENT,
    ],
    [
      'no label that is missing',
      { cluster: 'lab', labels: {} },
      UNASSIGNED_ENVIRONMENT,
    ],
    [
      'no longer name than written',
      { cluster: 'development' },
      UNASSIGNED_ENVIRONMENT,
    ],
    ['nothing by an empty matcher', {}, UNASSIGNED_ENVIRONMENT],
  ])('matches %s', (_, subject, expected) => {
    expect(environmentOf(subject, { environments })).toBe(expected);
  });
});
