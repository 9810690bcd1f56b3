import { Document, LineCounter, parseAllDocuments, YAMLError } from 'yaml';

/** Why a file cannot be read or edited, and where. */
export interface YamlFlaw {
  why: string;
  /** From 1. */
  line?: number;
  /** Keys that stand twice: some readers take the last one. Everything else keeps any reader from reading the file. */
  code: 'syntax' | 'duplicate-key';
}

export interface ParsedYaml {
  text: string;
  documents: Document.Parsed[];
  /** Values of the documents as a reader of manifests sees them, with merges resolved. */
  values: unknown[];
  lineOf(offset: number): number;
}

/** A manifest that is larger is none that a person wrote. */
const MAX_LENGTH = 2_000_000;

/**
 * Parses a file of YAML (or JSON) documents as Kubernetes' tools do, and keeps where everything stands in the text.
 */
export function parseYaml(text: string): ParsedYaml | YamlFlaw {
  if (text.length > MAX_LENGTH)
    return { code: 'syntax', why: 'the file is too large' };
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    keepSourceTokens: true,
    merge: true,
    lineCounter,
    logLevel: 'error',
    prettyErrors: false,
  });
  const documents = 'empty' in parsed ? [] : [...parsed];
  const errors = documents.flatMap(document => document.errors);
  const worst =
    errors.find(error => error.code !== 'DUPLICATE_KEY') ?? errors[0];
  if (worst) return describeError(worst, lineCounter);
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
    code: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'syntax',
    why:
      error.code === 'DUPLICATE_KEY'
        ? 'a key stands twice in one mapping'
        : error.message,
    line: lineCounter.linePos(error.pos[0]).line,
  };
}
