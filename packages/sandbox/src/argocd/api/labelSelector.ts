import { ApiError } from './ApiError';

/** Reads a label selector as Kubernetes does: `a=b,c!=d,e in (f,g),h,!i`. */
export function parseLabelSelector(
  selector: string,
): (labels: Readonly<Record<string, string>>) => boolean {
  const requirements = splitRequirements(selector).map(parseRequirement);
  return labels => requirements.every(matches => matches(labels));
}

/** Commas inside parentheses separate values, not requirements. */
function splitRequirements(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map(part => part.trim())
    .filter(Boolean);
}

function parseRequirement(
  text: string,
): (labels: Readonly<Record<string, string>>) => boolean {
  const key = '([A-Za-z0-9][A-Za-z0-9./_-]*)';
  const value = '([A-Za-z0-9._-]*)';
  const equality = new RegExp(`^${key}\\s*(=|==|!=)\\s*${value}$`).exec(text);
  if (equality) {
    const [, name, operator, wanted] = equality;
    return labels => (labels[name] === wanted) === (operator !== '!=');
  }
  const set = new RegExp(`^${key}\\s+(in|notin)\\s+\\(([^)]*)\\)$`).exec(text);
  if (set) {
    const [, name, operator, list] = set;
    const values = list.split(',').map(item => item.trim());
    return labels =>
      (labels[name] !== undefined && values.includes(labels[name])) ===
      (operator === 'in');
  }
  const existence = new RegExp(`^(!?)${key}$`).exec(text);
  if (existence) {
    const [, not, name] = existence;
    return labels => (labels[name] !== undefined) === (not === '');
  }
  throw new ApiError(
    'invalidArgument',
    `unable to parse requirement: found '${text}', expected: !, identifier, or 'end of string'`,
  );
}
