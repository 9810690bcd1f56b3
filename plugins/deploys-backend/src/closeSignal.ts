import { Response } from 'express';

/** Ends when the answer was sent or the caller has gone. */
export function closeSignal(res: Response): AbortSignal {
  const controller = new AbortController();
  res.on('close', () => controller.abort());
  return controller.signal;
}
