import { isDeepStrictEqual } from 'node:util';
import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar } from 'yaml';
import { isFlaw, ParsedYaml, parseYaml } from './parseYaml';

/** Where a value stands in a file: its document, and the keys and indices on the way to it. */
export interface YamlPath {
  document: number;
  keys: ReadonlyArray<string | number>;
}

/** A value cannot be changed without changing more, or not with certainty. */
export class UneditableError extends Error {
  override readonly name = 'UneditableError';

  constructor(
    readonly why: string,
    /** From 1. */
    readonly line?: number,
  ) {
    super(line === undefined ? why : `line ${line}: ${why}`);
  }
}

/**
 * The line of a value, or of the nearest thing around it that stands in the file.
 */
export function lineOfValue(
  parsed: ParsedYaml,
  path: YamlPath,
): number | undefined {
  let node: unknown = parsed.documents[path.document]?.contents;
  let offset: number | undefined;
  for (const key of [...path.keys, undefined]) {
    const range = (node as { range?: [number, number, number] } | null)?.range;
    if (range) offset = range[0];
    if (key === undefined || !(isMap(node) || isSeq(node))) break;
    node = node.get(key, true);
  }
  return offset === undefined ? undefined : parsed.lineOf(offset);
}

/**
 * Replaces one text in a file and nothing else: quotes, comments, line ends, indentation, order and byte order mark stay as they are. The result is parsed
 * again and must say exactly the same but for this one value.
 *
 * @throws UneditableError when the value is shared by an anchor, is written over several lines, or the result would say anything else
 */
export function replaceScalar(
  parsed: ParsedYaml,
  path: YamlPath,
  value: string,
): string {
  const { token, node } = findToken(parsed, path);
  const line = parsed.lineOf(token.offset);
  const before = parsed.text.slice(
    token.offset,
    token.offset + token.source.length,
  );
  if (before !== token.source)
    throw new UneditableError('its place in the file cannot be told', line);
  const written = writeScalar(node, value);
  const text = `${parsed.text.slice(
    0,
    token.offset,
  )}${written}${parsed.text.slice(token.offset + token.source.length)}`;
  verify(parsed, text, path, value, line);
  return text;
}

function findToken(parsed: ParsedYaml, path: YamlPath) {
  let node: unknown = parsed.documents[path.document]?.contents;
  const line = () => lineOfValue(parsed, path);
  for (const key of path.keys) {
    if (isAlias(node))
      throw new UneditableError(
        `it comes from the anchor &${node.source}, so a change would change other places too`,
        line(),
      );
    if (!isMap(node) && !isSeq(node))
      throw new UneditableError('its place in the file cannot be told', line());
    const next: unknown = node.get(key, true);
    if (next === undefined)
      throw new UneditableError(
        'it is merged in from an anchor, so a change would change other places too',
        line(),
      );
    node = next;
  }
  if (isAlias(node))
    throw new UneditableError(
      `it comes from the anchor &${node.source}, so a change would change other places too`,
      line(),
    );
  if (!isScalar(node)) throw new UneditableError('it is no text', line());
  if (node.anchor)
    throw new UneditableError(
      `it is the anchor &${node.anchor}, so a change would change other places too`,
      line(),
    );
  const token = node.srcToken;
  if (!token || !('source' in token))
    throw new UneditableError('its place in the file cannot be told', line());
  if (token.type === 'block-scalar')
    throw new UneditableError(
      'it is written as a block (| or >); write it on one line',
      line(),
    );
  if (/[\r\n]/.test(token.source))
    throw new UneditableError(
      'it is written over several lines; write it on one',
      line(),
    );
  return { token, node };
}

function writeScalar(node: Scalar, value: string): string {
  switch (node.type) {
    case Scalar.QUOTE_SINGLE:
      return `'${value.replace(/'/g, "''")}'`;
    case Scalar.QUOTE_DOUBLE:
      return JSON.stringify(value);
    default:
      return needsNoQuotes(value) ? value : JSON.stringify(value);
  }
}

/**
 * Whether every reader takes the bare word for a text. Tools in this field read YAML 1.1 and 1.2, to which different words are numbers, dates and truths.
 */
export function needsNoQuotes(value: string): boolean {
  if (!/^[\w./@:+-]+$/.test(value) || /:$|^-|^\.+$/.test(value)) return false;
  return (['1.1', '1.2'] as const).every(version => {
    const document = parseDocument(value, { version, logLevel: 'silent' });
    return document.errors.length === 0 && document.toJS() === value;
  });
}

function verify(
  parsed: ParsedYaml,
  text: string,
  path: YamlPath,
  value: string,
  line: number,
): void {
  const edited = parseYaml(text);
  const wanted = unshare(parsed.values);
  setValue(wanted, path, value);
  if (isFlaw(edited) || !isDeepStrictEqual(unshare(edited.values), wanted)) {
    throw new UneditableError(
      'it cannot be changed without changing something else',
      line,
    );
  }
}

// What an anchor and its aliases name is one object: taken apart, so that a change in one place is not seen in all.
function unshare(values: unknown[]): unknown[] {
  return JSON.parse(JSON.stringify(values));
}

function setValue(values: unknown[], path: YamlPath, value: string): void {
  let parent: any = values[path.document];
  for (const key of path.keys.slice(0, -1)) parent = parent[key];
  parent[path.keys[path.keys.length - 1]] = value;
}
