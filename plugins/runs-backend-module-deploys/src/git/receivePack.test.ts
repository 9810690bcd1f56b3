import { encodePacket, FLUSH_PACKET } from './pktLine';
import {
  buildReceivePackRequest,
  classifyRejection,
  parseReceivePackReport,
} from './receivePack';

function band(number: number, content: Buffer | string): Buffer {
  return encodePacket(
    Buffer.concat([Buffer.from([number]), Buffer.from(content)]),
  );
}

function report(...lines: string[]): Buffer {
  return Buffer.concat([
    ...lines.map(line => encodePacket(`${line}\n`)),
    FLUSH_PACKET,
  ]);
}

describe('parseReceivePackReport', () => {
  const parse = (body: Buffer, sideBand = true) =>
    parseReceivePackReport(body, { branch: 'main', sideBand });

  it('reads reports with and without bands, in one piece and in several', () => {
    const ok = report('unpack ok', 'ok refs/heads/main');
    expect(parse(ok, false)).toEqual({ state: 'accepted' });
    expect(
      parse(
        Buffer.concat([
          band(2, 'Resolving deltas\n'),
          band(1, ok),
          FLUSH_PACKET,
        ]),
      ),
    ).toEqual({ state: 'accepted' });
    expect(
      parse(
        Buffer.concat([
          band(1, ok.subarray(0, 7)),
          band(1, ok.subarray(7)),
          FLUSH_PACKET,
        ]),
      ),
    ).toEqual({ state: 'accepted' });
  });

  it('takes a failed unpack for a refusal', () => {
    expect(
      parse(
        report(
          'unpack index-pack abnormal exit',
          'ng refs/heads/main unpacker error',
        ),
        false,
      ),
    ).toEqual({ state: 'refused', why: 'unpacker error' });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no report', band(2, 'bye')],
    [
      'a report of another branch',
      band(1, report('unpack ok', 'ok refs/heads/other')),
    ],
    [
      'an answer that breaks off',
      band(1, report('unpack ok', 'ok refs/heads/main')).subarray(0, 20),
    ],
    ['a page', Buffer.from('<html>')],
  ])('says that it does not know after %s', (_, body) => {
    expect(() => parse(body)).toThrow(RangeError);
  });
});

describe('classifyRejection', () => {
  it.each([
    ['failed to update ref', ''],
    ['fetch first', ''],
    ['non-fast-forward', ''],
    ['non-fast forward', ''],
    ['failed to lock', ''],
    ['lock failure', ''],
    ['LOCK_FAILURE', ''],
    ['stale info', ''],
    ['incorrect old value provided', ''],
    ["cannot lock ref 'refs/heads/main': is at 111aaa but expected 222bbb", ''],
    [
      "cannot lock ref 'refs/heads/main': Unable to create '/x/main.lock': File exists.",
      '',
    ],
    ['reference already exists', ''],
    ['remote ref was changed', ''],
    [
      "TF401028: The reference 'refs/heads/main' has already been updated by another client, so you cannot update it. Please try again.",
      '',
    ],
    [
      'atomic transaction failed',
      "error: cannot lock ref 'refs/heads/main': is at 1 but expected 2",
    ],
    [
      'Updates were rejected because the remote contains work that you do not have locally',
      '',
    ],
  ])('takes %j for a lost race', (reason, messages) => {
    expect(classifyRejection(reason, messages).state).toBe('lost-race');
  });

  it.each([
    ['pre-receive hook declined', ''],
    [
      'pre-receive hook declined',
      'remote: your policy: failed to update ref checks',
    ],
    [
      'protected branch hook declined',
      'remote: error: GH006: Protected branch update failed for refs/heads/main.',
    ],
    [
      'pre-receive hook declined',
      'remote: GitLab: You are not allowed to push code to protected branches on this project.',
    ],
    [
      'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
      '',
    ],
    ['prohibited by Gerrit: not permitted: update', ''],
    ['branch is currently checked out', ''],
    ['permission denied', ''],
    ['unpacker error', ''],
    ['shallow update not allowed', ''],
  ])('takes %j for a refusal', (reason, messages) => {
    expect(classifyRejection(reason, messages).state).toBe('refused');
  });

  it.each([
    [
      'protected branch hook declined',
      'error: GH006: Protected branch update failed for refs/heads/main.',
    ],
    [
      'push declined due to repository rule violations',
      'error: GH013: Repository rule violations found for refs/heads/main.\n- Changes must be made through a pull request.',
    ],
    [
      'push declined due to repository rule violations',
      'error: GH013: Repository rule violations found for refs/heads/main.\n- Required status check "manifests" is expected.',
    ],
    [
      'pre-receive hook declined',
      'GitLab: You are not allowed to push code to protected branches on this project.',
    ],
    [
      'pre-receive hook declined',
      'Gitea: Not allowed to push to protected branch main',
    ],
    [
      'pre-receive hook declined',
      'Branch refs/heads/main can only be modified through pull requests.',
    ],
    ['pre-receive hook declined', 'Permission denied to update branch main.'],
    [
      'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
      '',
    ],
  ])('takes %j %j for a branch that wants a pull request', (reason, words) => {
    expect(classifyRejection(reason, words)).toMatchObject({
      state: 'refused',
      asksForPullRequest: true,
    });
  });

  it.each([
    ['pre-receive hook declined', 'Nothing may be pushed here today.'],
    [
      'push declined due to repository rule violations',
      'error: GH013: Repository rule violations found for refs/heads/main.\n- Push cannot contain secrets\n- Changes must be made through a pull request.',
    ],
    [
      'pre-receive hook declined',
      'GitLab: You are not allowed to force push code to a protected branch on this project.',
    ],
    ['permission denied', ''],
    ['prohibited by Gerrit: not permitted: update', ''],
  ])('knows that a pull request does not help after %j %j', (reason, words) => {
    expect(classifyRejection(reason, words)).not.toHaveProperty(
      'asksForPullRequest',
    );
  });

  it('shows what the server says, without addresses, control characters and at any length', () => {
    const { why } = classifyRejection(
      'pre-receive hook declined',
      `remote: \x1b[31mUse a pull request\x1b[0m\nremote: https://git.example.com/x?token=abc\n=====\n${'x'.repeat(
        1000,
      )}`,
    ) as { why: string };
    expect(why).toContain('Use a pull request');
    for (const hidden of ['example.com', '\x1b', '====='])
      expect(why).not.toContain(hidden);
    expect(why.length).toBeLessThan(500);
  });
});

it('asks for nothing that the server does not offer', () => {
  const options = {
    branch: 'main',
    expected: '1'.repeat(40),
    commit: '2'.repeat(40),
    pack: Buffer.from('PACK'),
  };
  const bare = buildReceivePackRequest({
    ...options,
    capabilities: new Set(['report-status']),
  }).toString();
  expect(bare.slice(4)).toBe(
    `${'1'.repeat(40)} ${'2'.repeat(
      40,
    )} refs/heads/main\0 report-status0000PACK`,
  );
  const rich = buildReceivePackRequest({
    ...options,
    capabilities: new Set([
      'report-status',
      'side-band-64k',
      'agent=git/2',
      'atomic',
    ]),
  }).toString();
  expect(rich).toContain('\0 report-status side-band-64k agent=git/switchyard');
});
