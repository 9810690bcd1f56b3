import { Tokens } from './labelTokens';

/**
 * One condition of a label selector. As in Kubernetes `notin` also holds for objects without the key.
 *
 * @public
 */
export type LabelRequirement =
  | { operator: 'in' | 'notin'; key: string; values: readonly string[] }
  | { operator: 'exists' | 'absent'; key: string };

/**
 * A selector that Kubernetes would not take. The message says what is wrong and where.
 *
 * @public
 */
export class LabelSelectorError extends Error {
  override readonly name = 'LabelSelectorError';
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX =
  /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_PREFIX = 253;
const MAX_SELECTOR = 1000;

/**
 * Reads a label selector as Kubernetes does (`a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas), and nothing more:
 * no empty selector, no empty list, no `<` and `>`.
 *
 * @throws LabelSelectorError
 * @public
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  if (text.length > MAX_SELECTOR) {
    throw new LabelSelectorError(`it is longer than ${MAX_SELECTOR} letters`);
  }
  const tokens = new Tokens(text);
  const requirements: LabelRequirement[] = [];
  for (;;) {
    requirements.push(readRequirement(tokens));
    const separator = tokens.next();
    if (separator === undefined) return requirements;
    if (separator !== ',') {
      throw new LabelSelectorError(
        `'${separator}' stands where a comma should`,
      );
    }
  }
}

/**
 * Whether labels fulfil all requirements.
 *
 * @public
 */
export function matchesLabelSelector(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(requirement => {
    const value = Object.hasOwn(labels, requirement.key)
      ? labels[requirement.key]
      : undefined;
    switch (requirement.operator) {
      case 'in':
        return value !== undefined && requirement.values.includes(value);
      case 'notin':
        return value === undefined || !requirement.values.includes(value);
      case 'exists':
        return value !== undefined;
      default:
        return value === undefined;
    }
  });
}

/**
 * Label pairs of which every object that matches carries one whole set, for a look-up in an index. Empty where the selector names no value:
 * then nothing but a walk over everything could answer it.
 *
 * @internal
 */
export function indexableLabels(
  requirements: readonly LabelRequirement[],
): Array<Record<string, string>> {
  const lists = requirements.flatMap(requirement =>
    requirement.operator === 'in'
      ? [{ key: requirement.key, values: requirement.values }]
      : [],
  );
  if (lists.length === 0) return [];
  const single = lists.filter(({ values }) => values.length === 1);
  if (single.length > 0) {
    return [
      Object.fromEntries(single.map(({ key, values }) => [key, values[0]])),
    ];
  }
  const [shortest] = [...lists].sort(
    (a, b) => a.values.length - b.values.length,
  );
  return shortest.values.map(value => ({ [shortest.key]: value }));
}

/** @internal */
export function isLabelValue(value: string): boolean {
  return value === '' || NAME.test(value);
}

function readRequirement(tokens: Tokens): LabelRequirement {
  if (tokens.peek() === '!') {
    tokens.next();
    return { operator: 'absent', key: readKey(tokens) };
  }
  const key = readKey(tokens);
  const operator = tokens.peek();
  if (operator === undefined || operator === ',') {
    return { operator: 'exists', key };
  }
  tokens.next();
  switch (operator) {
    case '=':
    case '==':
      return { operator: 'in', key, values: [readValue(tokens)] };
    case '!=':
      return { operator: 'notin', key, values: [readValue(tokens)] };
    case 'in':
    case 'notin':
      return { operator, key, values: readValues(tokens) };
    default:
      throw new LabelSelectorError(
        `'${operator}' behind '${key}' is none of =, ==, !=, in, notin`,
      );
  }
}

function readKey(tokens: Tokens): string {
  const key = tokens.next();
  if (key === undefined) throw new LabelSelectorError('a key is missing');
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const isPrefixValid =
    prefix === undefined ||
    (prefix.length <= MAX_PREFIX && PREFIX.test(prefix));
  if (!isPrefixValid || !NAME.test(key.slice(slash + 1))) {
    throw new LabelSelectorError(`'${key}' is no label key`);
  }
  return key;
}

function readValue(tokens: Tokens): string {
  const next = tokens.peek();
  if (next === undefined || next === ',') return '';
  tokens.next();
  return checkValue(next);
}

function readValues(tokens: Tokens): string[] {
  if (tokens.next() !== '(') {
    throw new LabelSelectorError("'in' and 'notin' need a list: (a,b)");
  }
  const values: string[] = [];
  for (;;) {
    const value = tokens.next();
    if (value === undefined) {
      throw new LabelSelectorError("the list's ')' is missing");
    }
    values.push(checkNamedValue(value));
    const separator = tokens.next();
    if (separator === ')') return values;
    if (separator !== ',') {
      throw new LabelSelectorError("the list's ')' is missing");
    }
  }
}

function checkNamedValue(value: string): string {
  if (value === ',' || value === ')') {
    throw new LabelSelectorError('a value of the list is missing');
  }
  return checkValue(value);
}

function checkValue(value: string): string {
  if (!isLabelValue(value)) {
    throw new LabelSelectorError(`'${value}' is no label value`);
  }
  return value;
}
