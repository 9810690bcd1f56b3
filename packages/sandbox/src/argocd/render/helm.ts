import { posix } from 'node:path';
import { parse, stringify } from 'yaml';
import { KubernetesObject } from '../../kubernetes/types';
import { ApplicationSource } from '../types';
import { parseManifests, RenderError } from './manifests';

type Values = Record<string, unknown>;

/** What templates may name: `.Values.image.tag`, `.Release.Name`, `.Chart.Name`. */
interface Scope {
  Values: Values;
  Release: { Name: string; Namespace: string; Service: string };
  Chart: Values;
}

/**
 * Builds a chart as Helm would, as far as these go: a value by its path, a text in quotes, and the functions quote, default, toYaml, indent and nindent.
 * Anything else is refused by name: a wrong manifest would be worse than none.
 *
 * @throws RenderError
 */
export function buildChart(options: {
  files: ReadonlyMap<string, Buffer>;
  folder: string;
  source: ApplicationSource;
  /** Files of the sources that have a `ref`, by that. */
  references: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
  release: string;
  namespace: string;
}): KubernetesObject[] {
  const { files, folder, source } = options;
  const chart = yamlOf(files, `${folder}/Chart.yaml`) ?? {};
  const scope: Scope = {
    Values: valuesOf(options),
    Release: {
      Name: source.helm?.releaseName ?? options.release,
      Namespace: options.namespace,
      Service: 'Helm',
    },
    Chart: Object.fromEntries(
      Object.entries(chart).map(([key, value]) => [
        key[0].toUpperCase() + key.slice(1),
        value,
      ]),
    ),
  };
  return [...files.keys()]
    .filter(path => path.startsWith(`${folder}/templates/`))
    .filter(path => /\.ya?ml$/.test(path))
    .sort()
    .flatMap(path =>
      parseManifests(
        path,
        Buffer.from(expand(files.get(path)!.toString('utf8'), scope, path)),
      ),
    );
}

/** The chart's own values, then the files in their order, then the values in the Application, then its parameters. */
function valuesOf({
  files,
  folder,
  source,
  references,
}: Parameters<typeof buildChart>[0]): Values {
  const helm = source.helm ?? {};
  let values = yamlOf(files, `${folder}/values.yaml`) ?? {};
  for (const file of helm.valueFiles ?? []) {
    const referenced = /^\$([^/]+)\/(.+)$/.exec(file);
    const found = referenced
      ? yamlOf(references.get(referenced[1]) ?? new Map(), referenced[2])
      : yamlOf(files, posix.join(folder, file));
    if (!found) {
      throw new RenderError(
        `Error: open ${file}: no such file or directory: Use --ignore-missing-value-files to skip`,
      );
    }
    values = merged(values, found);
  }
  values = merged(values, (helm.values ? parse(helm.values) : {}) as Values);
  values = merged(values, helm.valuesObject ?? {});
  for (const { name, value, forceString } of helm.parameters ?? []) {
    values = merged(
      values,
      name
        .split('.')
        .reduceRight<unknown>(
          (inner, key) => ({ [key]: inner }),
          forceString ? value : parse(value),
        ) as Values,
    );
  }
  return values;
}

function yamlOf(
  files: ReadonlyMap<string, Buffer>,
  path: string,
): Values | undefined {
  const content = files.get(path);
  return content && ((parse(content.toString('utf8')) ?? {}) as Values);
}

function merged(into: Values, from: Values): Values {
  const result = { ...into };
  for (const [key, value] of Object.entries(from)) {
    result[key] =
      isMap(result[key]) && isMap(value)
        ? merged(result[key] as Values, value)
        : value;
  }
  return result;
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function expand(text: string, scope: Scope, path: string): string {
  return text
    .replace(/[ \t]*\n?[ \t]*\{\{-\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, '')
    .replace(
      /(\s*)\{\{(-?)\s*(.+?)\s*-?\}\}/g,
      (_, before: string, trims: string, expression: string) =>
        `${trims ? '' : before}${valueOf(expression, scope, path)}`,
    );
}

function valueOf(expression: string, scope: Scope, path: string): string {
  const [first, ...functions] = expression.split('|').map(part => part.trim());
  let value = termOf(first, scope, path);
  for (const call of functions) {
    const [name, ...given] = call.split(/\s+/);
    value = applied(name, given, value, scope, path);
  }
  return value === undefined || value === null ? '' : String(value);
}

function termOf(term: string, scope: Scope, path: string): unknown {
  const literal = /^"(.*)"$/.exec(term) ?? /^(-?\d+)$/.exec(term);
  if (literal) {
    return literal[1];
  }
  const toYaml = /^toYaml\s+(\.\S+)$/.exec(term);
  if (toYaml) {
    return yamlText(termOf(toYaml[1], scope, path));
  }
  if (!/^\.(Values|Release|Chart)(\.\w+)+$/.test(term)) {
    throw new RenderError(
      `${path}: the sandbox's Helm does not know '{{ ${term} }}'`,
    );
  }
  return term
    .slice(1)
    .split('.')
    .reduce<unknown>(
      (value, key) => (value as Values | undefined)?.[key],
      scope,
    );
}

function applied(
  name: string,
  given: string[],
  value: unknown,
  scope: Scope,
  path: string,
): unknown {
  const lines = (text: unknown) =>
    String(text ?? '')
      .split('\n')
      .map(line => ' '.repeat(Number(given[0])) + line)
      .join('\n');
  switch (name) {
    case 'quote':
      return JSON.stringify(String(value ?? ''));
    case 'default':
      return value === undefined || value === null || value === ''
        ? termOf(given.join(' '), scope, path)
        : value;
    case 'toYaml':
      return yamlText(value);
    case 'indent':
      return lines(value);
    case 'nindent':
      return `\n${lines(value)}`;
    default:
      throw new RenderError(
        `${path}: the sandbox's Helm does not know the function '${name}'`,
      );
  }
}

function yamlText(value: unknown): string {
  return stringify(value ?? {}).trimEnd();
}
