/** What a registry asks for in `WWW-Authenticate`. @internal */
export interface AuthenticationChallenge {
  scheme: 'basic' | 'bearer';
  realm?: string;
  service?: string;
  scope?: string;
}

/**
 * Reads `WWW-Authenticate`, of which there may be several in one header; bearer is preferred.
 *
 * @internal
 */
export function parseChallenge(
  header: string | null,
): AuthenticationChallenge | undefined {
  if (!header) return undefined;
  const challenges: AuthenticationChallenge[] = [];
  for (const match of header.matchAll(
    /(?:^|[\s,])(basic|bearer)(?=[\s,]|$)/gi,
  )) {
    const scheme = match[1].toLowerCase() as AuthenticationChallenge['scheme'];
    const parameters = readParameters(
      header.slice(match.index + match[0].length),
    );
    challenges.push({
      scheme,
      realm: parameters.get('realm'),
      service: parameters.get('service'),
      scope: parameters.get('scope'),
    });
  }
  return (
    challenges.find(
      challenge => challenge.scheme === 'bearer' && challenge.realm,
    ) ?? challenges.find(challenge => challenge.scheme === 'basic')
  );
}

// Reads `name="value", …` up to where the next scheme begins.
function readParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const parameter = /\s*,?\s*([A-Za-z_-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;
  for (;;) {
    const match = parameter.exec(text);
    if (!match) return parameters;
    parameters.set(
      match[1].toLowerCase(),
      match[2]?.replace(/\\(.)/g, '$1') ?? match[3],
    );
  }
}
