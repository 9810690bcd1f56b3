/** What looks like a credential, whoever wrote it: a step's log is read by everybody who may see the run, and is kept. */
const SECRETS: ReadonlyArray<[pattern: RegExp, instead: string]> = [
  // https://user:password@host and https://token@host
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@"'<>]+@/gi, '$1…@'],
  [/\bbearer\s+[a-z0-9+/_.~=-]{16,}/gi, 'Bearer …'],
  [/\b(basic|token)\s+(?=\S*\d)[a-z0-9+/_.~=-]{16,}/gi, '$1 …'],
  // A JSON Web Token, wherever it stands.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '…'],
  // Tokens of forges, Slack, AWS and Vault tell what they are by how they begin.
  [
    /\b(gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|npm_|hvs\.|AKIA|ASIA)[\w-]{10,}/g,
    '$1…',
  ],
  [
    /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?(-----END \1PRIVATE KEY-----|$)/g,
    '-----BEGIN $1PRIVATE KEY-----…',
  ],
  // password=…, "clientSecret": "…", ?access_token=…
  [
    /\b([\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)\s*=\s*["']?)[^\s"'&,;)}]{6,}/gi,
    '$1…',
  ],
  [
    /(["'][\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)["']\s*:\s*["'])[^"']+/gi,
    '$1…',
  ],
  [/\b((?:password|passwd)\s*:\s*)\S+/gi, '$1…'],
];

/** The text with what looks like a credential left out. It is a net below the steps, which do not log any in the first place. */
export function withoutSecrets(text: string): string {
  let result = text;
  for (const [pattern, instead] of SECRETS)
    result = result.replace(pattern, instead);
  return result;
}
