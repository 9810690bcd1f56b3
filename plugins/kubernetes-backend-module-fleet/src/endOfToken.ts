/** A presigned token of AWS IAM is accepted for 15 minutes, of which one is left for clocks that differ. */
const AWS_TOKEN_PREFIX = 'k8s-aws-v1.';
const AWS_TOKEN_LIFE_MS = 14 * 60_000;

/**
 * When a bearer token ends, where that can be seen from it.
 *
 * @internal
 */
export function endOfToken(
  token: string,
  now: number = Date.now(),
): Date | undefined {
  if (token.startsWith(AWS_TOKEN_PREFIX)) {
    return new Date(now + AWS_TOKEN_LIFE_MS);
  }
  const payload = token.split('.')[1];
  if (!payload) return undefined;
  try {
    const { exp } = JSON.parse(
      Buffer.from(payload, 'base64url').toString('utf8'),
    );
    return typeof exp === 'number' ? new Date(exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
