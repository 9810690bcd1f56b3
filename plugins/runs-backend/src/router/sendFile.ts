import { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Sends a text of any length as a file, as fast as it is taken. Its connection is cut where it cannot be sent whole, so that nobody takes a part for it. */
export async function sendFile(
  res: Response,
  file: { name: string; type: string; text: AsyncIterable<string> },
): Promise<void> {
  res.setHeader('Content-Type', file.type);
  res.setHeader('Content-Disposition', `attachment; filename="${file.name}"`);
  res.setHeader('Cache-Control', 'private, no-store');
  try {
    await pipeline(Readable.from(file.text), res);
  } catch (error) {
    if (!res.headersSent) throw error;
    res.destroy();
  }
}
