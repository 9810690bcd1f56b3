import { IncomingMessage } from 'node:http';

/** The token of a request: of its Authorization header, else of its cookie. */
export function tokenOf(request: IncomingMessage): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(
    request.headers.authorization ?? '',
  )?.[1];
  return (
    bearer ??
    /(?:^|;\s*)argocd\.token=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  );
}
