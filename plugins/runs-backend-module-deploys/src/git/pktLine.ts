/** One line of Git's wire format: its content, or a flush packet. */
export type Packet = Buffer | 'flush';

/** @throws RangeError when the line is longer than the format can say */
export function encodePacket(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  if (bytes.length > 65_516)
    throw new RangeError('A packet holds at most 65516 bytes');
  return Buffer.concat([
    Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')),
    bytes,
  ]);
}

export const FLUSH_PACKET = Buffer.from('0000');

/**
 * Takes a whole answer apart. An answer that breaks off inside a packet is an error: what came before it is not the whole answer.
 *
 * @throws RangeError for what is no sequence of packets
 */
export function decodePackets(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  let position = 0;
  while (position < bytes.length) {
    const text = bytes.toString('latin1', position, position + 4);
    if (!/^[0-9a-f]{4}$/i.test(text))
      throw new RangeError('This is no sequence of packets');
    const length = Number.parseInt(text, 16);
    if (length < 4) {
      packets.push('flush');
      position += 4;
      continue;
    }
    if (position + length > bytes.length)
      throw new RangeError('The answer breaks off inside a packet');
    packets.push(bytes.subarray(position + 4, position + length));
    position += length;
  }
  return packets;
}
