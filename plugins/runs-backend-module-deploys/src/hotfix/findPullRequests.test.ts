import { waysOf } from '../__testUtils__/ways';
import { findPullRequests } from './findPullRequests';
import { TargetEdits } from './planEdits';

const GITHUB = 'https://github.com/acme/deploy-blue.git';
const OTHER = 'https://git.example.com/deploy-blue.git';

function editOf(url: string, diff: string | undefined = '-a'): TargetEdits {
  return {
    repository: { name: 'deploy-blue', url },
    head: { branch: 'main', commit: 'abc' },
    files: [{ file: 'orders.yaml', diff }],
  } as unknown as TargetEdits;
}

const find = (edits: TargetEdits[], ...pullRequests: object[]) =>
  findPullRequests(
    edits,
    'production',
    waysOf({ switchyard: { deploys: { pullRequests } } } as any),
  );

it.each<[string, object, boolean]>([
  ['everything', {}, true],
  ['the repository', { repository: 'github.com/acme/deploy-blue' }, true],
  [
    'repositories like it',
    { repository: 'github.com/acme/deploy-*.git' },
    true,
  ],
  ['another one', { repository: 'github.com/acme/deploy-green' }, false],
  ['another host', { repository: 'gitlab.com/acme/deploy-blue' }, false],
  ['the branch', { branch: 'main' }, true],
  ['another branch', { branch: 'release-*' }, false],
  ['the environment', { environments: ['production'] }, true],
  ['another environment', { environments: ['development'] }, false],
])('a rule for %s', (_, rule, applies) => {
  const edits = [editOf(GITHUB), editOf(GITHUB)];
  const found = find(edits, rule);
  expect(found.isAlways(edits[0])).toBe(applies);
  expect(found.problems).toEqual([]);
  expect(found.warnings).toEqual(
    applies
      ? [
          {
            what: 'A pull request has to be merged',
            why: 'main of deploy-blue is changed by pull request: the run opens one, and waits until somebody merges it',
            ref: 'deploy-blue',
          },
        ]
      : [],
  );
});

it('is a problem where no forge is known, and nothing where nothing changes', () => {
  expect(find([editOf(OTHER)], {}).problems).toEqual([
    expect.objectContaining({ what: 'No pull request can be opened' }),
  ]);
  const unchanged = { ...editOf(OTHER), files: [{ file: 'orders.yaml' }] };
  expect(find([unchanged], {}).problems).toEqual([]);
  expect(find([editOf(OTHER)]).problems).toEqual([]);
});

it('remembers what a server has said of a branch', () => {
  const ways = waysOf();
  const target = { repoUrl: GITHUB, branch: 'main' };
  ways.pullRequests.noteRefused(target);
  const { warnings, isAlways } = findPullRequests(
    [editOf(GITHUB)],
    'production',
    ways,
  );
  expect(warnings[0].why).toContain('has refused the last push');
  // It is tried again: rights change.
  expect(isAlways(editOf(GITHUB))).toBe(false);
  ways.pullRequests.noteAccepted(target);
  expect(
    findPullRequests([editOf(GITHUB)], 'production', ways).warnings,
  ).toEqual([]);
});

it('wants a repository without a scheme', () => {
  expect(() => find([], { repository: 'https://github.com/acme/*' })).toThrow(
    'write host and path without a scheme',
  );
});
