/** What a template may name: `{{title}}`. */
export const templateNames = [
  'event',
  'number',
  'title',
  'component',
  'environment',
  'version',
  'status',
  'requestedBy',
  'reason',
  'cause',
  'duration',
  'url',
] as const;

export type TemplateValues = Partial<
  Record<(typeof templateNames)[number], string>
>;

const MAX_TEXT = 600;

/** What looks like a secret: tokens by their form, and what follows a word that stands for one. */
const SECRETS = [
  /\b(xox[a-z]-[\w-]+|gh[pousr]_\w{20,}|github_pat_\w+|glpat-[\w-]+|AKIA[0-9A-Z]{16}|eyJ[\w-]+\.[\w-]+\.[\w-]*)/g,
  /(?<=\bBearer\s+)[\w.~+/=-]{8,}/gi,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
  /(?<=\b(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)["']?\s*[=:]\s*["']?)[^\s"',;]{4,}/gi,
  /https:\/\/hooks\.slack\.com\/\S+/g,
];

/** A text of a person or another system, as it may leave: without what looks like a secret, in one line, not too long. */
export function toPublicText(text: string): string {
  const safe = SECRETS.reduce(
    (known, pattern) => known.replace(pattern, '[not shown]'),
    text,
  ).replace(/\s+/g, ' ');
  return safe.length > MAX_TEXT ? `${safe.slice(0, MAX_TEXT - 1)}…` : safe;
}

/** Slack reads these three as its own, and nothing else: no text can call a channel or forge a link. */
export function escapeSlack(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}

/** Fills a template; what is not known is left out. */
export function fillTemplate(
  template: string,
  values: TemplateValues,
  escape: (text: string) => string = text => text,
): string {
  return template
    .replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: keyof TemplateValues) =>
      escape(values[name] ?? ''),
    )
    .trim();
}

/** @throws Error that names what the template may name */
export function checkTemplate(template: string, key: string): string {
  for (const [, name] of template.matchAll(/\{\{\s*(.*?)\s*\}\}/g)) {
    if (!(templateNames as readonly string[]).includes(name))
      throw new Error(
        `${key} names '${name}'; it may name ${templateNames.join(', ')}`,
      );
  }
  return template;
}

/** '2 min 10 s' */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
