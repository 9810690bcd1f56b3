import { decodePackets, encodePacket, FLUSH_PACKET } from './pktLine';

/** What a Git server says of a repository before anything is asked of it. */
export interface Advertisement {
  /** Commit id by full name, e.g. `refs/heads/main`. */
  refs: ReadonlyMap<string, string>;
  capabilities: ReadonlySet<string>;
  /** Full name of the default branch, where the server says it. */
  defaultBranch?: string;
}

/**
 * Reads the answer to `GET info/refs`.
 *
 * @throws RangeError when it is none
 */
export function parseAdvertisement(
  raw: Buffer,
  service: string,
): Advertisement {
  const packets = decodePackets(raw).filter(packet => packet !== 'flush');
  const lines = packets.map(packet =>
    packet.toString('utf8').replace(/\n$/, ''),
  );
  if (lines[0] !== `# service=${service}`)
    throw new RangeError('This is no answer of a Git server');
  const refs = new Map<string, string>();
  let capabilities: string[] = [];
  for (const line of lines.slice(1)) {
    const [ref, list] = line.split('\0');
    if (list !== undefined)
      capabilities = list.split(' ').filter(word => word !== '');
    const match = /^([0-9a-f]{40}) (\S+)$/.exec(ref);
    // An empty repository advertises its capabilities with a name that is no ref.
    if (match && match[2] !== 'capabilities^{}' && !match[2].endsWith('^{}'))
      refs.set(match[2], match[1]);
  }
  const symref = capabilities.find(word => word.startsWith('symref=HEAD:'));
  return {
    refs,
    capabilities: new Set(capabilities),
    defaultBranch: symref?.slice('symref=HEAD:'.length),
  };
}

/**
 * Writes the answer of a server that has one branch, and it is the default: what the library that fetches needs to see. It looks for a HEAD, which a server
 * leaves out when its default branch is not there.
 */
export function advertiseOnly(
  ref: string,
  commit: string,
  { capabilities }: Advertisement,
): Buffer {
  const words = [...capabilities]
    .filter(word => !word.startsWith('symref='))
    .concat(`symref=HEAD:${ref}`);
  return Buffer.concat([
    encodePacket('# service=git-upload-pack\n'),
    FLUSH_PACKET,
    encodePacket(`${commit} ${ref}\0${words.join(' ')}\n`),
    FLUSH_PACKET,
  ]);
}
