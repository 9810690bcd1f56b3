import { applicationRow } from '../__testUtils__/applications';
import { GitClient } from '../git';
import { HotfixTarget } from './findTargets';
import { planEdits } from './planEdits';

it('reads no further when nobody waits for the plan any more', async () => {
  const caller = new AbortController();
  const reads: string[] = [];
  const git = {
    repository: () => ({
      name: 'deploy-blue',
      findBranch: async () => ({ branch: 'main', commit: 'head' }),
      readCache: () => ({}),
      listFiles: async () =>
        ['a', 'b', 'c'].map(name => ({
          path: `apps/orders/${name}.yaml`,
          oid: name,
          kind: 'file',
        })),
      readFile: async (_commit: string, path: string) => {
        reads.push(path);
        caller.abort(new Error('the time is up'));
        return 'a: 1\n';
      },
    }),
  } as unknown as GitClient;
  const target = {
    deployment: { application: applicationRow() },
    wanted: { repository: '127.0.0.1:5001/storefront/orders', tagPrefix: '' },
    tag: 'v2',
  } as HotfixTarget;
  await expect(
    planEdits(target, git, {
      digest: async () => undefined,
      signal: caller.signal,
    }),
  ).rejects.toThrow('the time is up');
  expect(reads).toEqual(['apps/orders/a.yaml']);
});
