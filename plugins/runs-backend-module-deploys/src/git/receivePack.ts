import { decodePackets, encodePacket, FLUSH_PACKET } from './pktLine';

/** What became of a push. */
export type PushReport =
  | { state: 'accepted' }
  /** Somebody else moved the branch, or holds it this moment. */
  | { state: 'lost-race'; why: string }
  /** The server does not want it, whoever is first. `asksForPullRequest`: not in this way, but as a pull request. */
  | { state: 'refused'; why: string; asksForPullRequest?: true };

/** Stands for a branch that is not there: what comes before one is made, and after it is deleted. */
export const NO_COMMIT = '0'.repeat(40);

/**
 * The body of one conditional push: the branch goes from `expected` to `commit`, or nothing happens. The server compares while it holds the branch's lock.
 */
export function buildReceivePackRequest(options: {
  branch: string;
  expected: string;
  commit: string;
  /** Empty where nothing has to be sent, as for a deletion. */
  pack: Buffer;
  /** Of the server. Only what it offers may be asked for; some abort otherwise. */
  capabilities: ReadonlySet<string>;
}): Buffer {
  const { branch, expected, commit, pack, capabilities } = options;
  const wanted = ['report-status', 'side-band-64k'].filter(name =>
    capabilities.has(name),
  );
  if ([...capabilities].some(name => name.startsWith('agent=')))
    wanted.push('agent=git/switchyard');
  const line = `${expected} ${commit} refs/heads/${branch}\0 ${wanted.join(
    ' ',
  )}`;
  return Buffer.concat([encodePacket(line), FLUSH_PACKET, pack]);
}

/**
 * Reads the server's report.
 *
 * @throws RangeError when there is no report in it: then it is not known what happened
 */
export function parseReceivePackReport(
  body: Buffer,
  options: { branch: string; sideBand: boolean },
): PushReport {
  const { report, messages } = options.sideBand
    ? demultiplex(body)
    : { report: body, messages: '' };
  const lines = decodePackets(report)
    .filter(packet => packet !== 'flush')
    .map(packet => packet.toString('utf8').trimEnd());
  const unpack = lines.find(line => line.startsWith('unpack '));
  if (!unpack) throw new RangeError('The answer to a push holds no report');
  const ref = `refs/heads/${options.branch}`;
  if (unpack === 'unpack ok' && lines.includes(`ok ${ref}`))
    return { state: 'accepted' };
  const refusal = lines.find(line => line.startsWith(`ng ${ref} `));
  if (!refusal && unpack === 'unpack ok')
    throw new RangeError('The report of a push does not name the branch');
  const reason = refusal?.slice(`ng ${ref} `.length) ?? unpack;
  return classifyRejection(reason, messages);
}

// Git itself, GitHub, GitLab, Gerrit and JGit, Azure DevOps, libgit2 and dulwich say it in these ways.
const LOST_RACE =
  /failed to update ref|failed to lock|cannot lock ref|unable to lock|lock[ _]fail|lock error|fetch first|non[- ]?fast[- ]?forward|stale info|incorrect old value|is at [0-9a-f]+ but expected|reference already exists|already been updated|was updated|remote ref (was )?(changed|updated)|remote contains work|tf401028|conflict(ing)? (ref )?update|expected old/i;
const POLICY =
  /hook|protect|denied|deny|not allowed|not permitted|prohibited|permission|policy|policies|pull request|merge request|tf402455|gh0\d\d|quota|read[- ]only|archived|sign/i;

// GitHub (branch protection and rulesets), GitLab, Gitea and Forgejo, Bitbucket (Data Center and Cloud) and Azure DevOps say of a protected branch.
const PROTECTED =
  /protected[ -]branch|gh006|(pull|merge) request|required status check|permission denied to update branch|tf402455/i;
// A pull request would not help: its own branch is refused for the same reason.
const ANYWHERE =
  /secret|force[- ]push|file size|too large|quota|archived|read[- ]only/i;

/**
 * Whether a rejection means that somebody else was faster. What a hook says may hold any words, so a hook's refusal is never taken for a lost race, unless
 * the hook itself speaks of one.
 */
export function classifyRejection(
  reason: string,
  messages: string,
): PushReport {
  const words = lastLines(messages);
  const why = words ? `${reason} (${words})` : reason;
  if (LOST_RACE.test(reason)) return { state: 'lost-race', why };
  if (!POLICY.test(reason) && LOST_RACE.test(messages))
    return { state: 'lost-race', why };
  const all = `${reason}\n${messages}`;
  return {
    state: 'refused',
    why,
    ...(PROTECTED.test(all) &&
      !ANYWHERE.test(all) && { asksForPullRequest: true }),
  };
}

// What the server says beside its report, for people: a few lines, without addresses and control characters.
function lastLines(messages: string): string {
  return messages
    .split(/[\r\n]+/)
    .map(line =>
      line
        .replace(/^remote:\s*/, '')
        .replace(/\bhttps?:\/\/\S+/g, '…')
        .replace(/[^\P{C}]/gu, '')
        .trim(),
    )
    .filter(line => /[\p{L}\p{N}]/u.test(line))
    .slice(-4)
    .join(' ')
    .slice(0, 400);
}

function demultiplex(body: Buffer): { report: Buffer; messages: string } {
  const report: Buffer[] = [];
  const messages: Buffer[] = [];
  for (const packet of decodePackets(body)) {
    if (packet === 'flush') continue;
    if (packet[0] === 1) report.push(packet.subarray(1));
    else messages.push(packet.subarray(1));
  }
  return {
    report: Buffer.concat(report),
    messages: Buffer.concat(messages).toString('utf8'),
  };
}
