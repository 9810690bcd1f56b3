import {
  Document,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type visitor as Visitor,
  YAMLError,
  YAMLMap,
} from 'yaml';

/** Why a file cannot be read or edited, and where. */
export interface YamlFlaw {
  why: string;
  /** From 1. */
  line?: number;
  /** Keys that stand twice: some readers take the last one. A size that is not read here, others read. What else there is keeps any reader from reading it. */
  code: 'syntax' | 'duplicate-key' | 'size';
}

export interface ParsedYaml {
  text: string;
  documents: Document.Parsed[];
  /** Values of the documents as a reader of manifests sees them, with merges resolved. */
  values: unknown[];
  lineOf(offset: number): number;
}

/** A manifest that is larger is none that a person wrote, and nobody else is served while it is parsed. */
const MAX_LENGTH = 500_000;
/** Each is looked up by a walk through the whole document. */
const MAX_ALIASES = 500;

/**
 * Parses a file of YAML (or JSON) documents as Kubernetes' tools do, and keeps where everything stands in the text.
 */
export function parseYaml(text: string): ParsedYaml | YamlFlaw {
  if (text.length > MAX_LENGTH)
    return {
      code: 'size',
      why: `the file is too large: at most ${
        MAX_LENGTH / 1000
      } kB are read; divide it`,
    };
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    keepSourceTokens: true,
    merge: true,
    // Its own check compares each key with all others, which takes seconds for a few thousand; see `findFlaw`.
    uniqueKeys: false,
    lineCounter,
    logLevel: 'error',
    prettyErrors: false,
  });
  const documents = 'empty' in parsed ? [] : [...parsed];
  const [worst] = documents.flatMap(document => document.errors);
  if (worst) return describeError(worst, lineCounter);
  const flaw = findFlaw(documents, lineCounter);
  if (flaw) return flaw;
  try {
    const values = documents.map(
      document => document.toJS({ maxAliasCount: 1000 }) as unknown,
    );
    return {
      text,
      documents: documents as Document.Parsed[],
      values,
      lineOf: offset => lineCounter.linePos(offset).line,
    };
  } catch (error) {
    // Aliases that multiply without end, or that lead into themselves.
    return {
      code: 'syntax',
      why: `its anchors cannot be resolved: ${(error as Error).message}`,
    };
  }
}

export function isFlaw(parsed: ParsedYaml | YamlFlaw): parsed is YamlFlaw {
  return 'why' in parsed;
}

function describeError(error: YAMLError, lineCounter: LineCounter): YamlFlaw {
  return {
    code: 'syntax',
    why: error.message,
    line: lineCounter.linePos(error.pos[0]).line,
  };
}

/** What makes a document that can be parsed unfit to be read. */
function findFlaw(
  documents: readonly Document[],
  lineCounter: LineCounter,
): YamlFlaw | undefined {
  let aliases = 0;
  let duplicate: number | undefined;
  const visitor: Visitor = {
    Alias() {
      aliases += 1;
      return aliases > MAX_ALIASES ? visit.BREAK : undefined;
    },
    Map(_, mapping) {
      duplicate ??= findDuplicateKey(mapping);
      return duplicate === undefined ? undefined : visit.BREAK;
    },
  };
  for (const document of documents) visit(document, visitor);
  if (aliases > MAX_ALIASES)
    return {
      code: 'syntax',
      why: `it has more than ${MAX_ALIASES} aliases`,
    };
  return duplicate === undefined
    ? undefined
    : {
        code: 'duplicate-key',
        why: 'a key stands twice in one mapping',
        line: lineCounter.linePos(duplicate).line,
      };
}

/** Where a key stands for the second time. Several merges into one mapping are allowed. */
function findDuplicateKey({ items }: YAMLMap): number | undefined {
  const keys = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key) || key.value === '<<') continue;
    if (keys.has(key.value)) return key.range?.[0] ?? 0;
    keys.add(key.value);
  }
  return undefined;
}
