import { createHash } from 'node:crypto';
import { Request, Response } from 'express';

/** Answers 304 when the browser has this already. Fields that always change are left out of the comparison. */
export function sendWithETag<T extends object>(
  req: Request,
  res: Response,
  body: T,
  volatileFields: Array<keyof T & string> = [],
): void {
  const compared = JSON.stringify(body, (key, value) =>
    volatileFields.includes(key as keyof T & string) ? undefined : value,
  );
  res.setHeader(
    'ETag',
    `W/"${createHash('sha256')
      .update(compared)
      .digest('base64url')
      .slice(0, 27)}"`,
  );
  // What one person may see is not for a shared cache.
  res.setHeader('Cache-Control', 'private, no-cache');
  if (req.fresh) res.status(304).end();
  else res.json(body);
}
