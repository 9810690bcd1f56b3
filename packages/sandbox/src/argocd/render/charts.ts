import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { REGISTRY_PLACEHOLDER } from '../../git';

/** One version of a chart in a Helm repository. */
export interface Chart {
  name: string;
  version: string;
  description: string;
  home?: string;
  maintainers: string[];
  /** By path, the first part of which is the chart's name. */
  files: ReadonlyMap<string, Buffer>;
}

/** Charts of the Helm repositories that Argo CD reaches. */
export class Charts {
  readonly #charts = new Map<string, Chart>();

  static create(): Charts {
    return new Charts();
  }

  private constructor() {}

  add(repoURL: string, chart: Chart): void {
    this.#charts.set(keyOf(repoURL, chart.name, chart.version), chart);
  }

  get(repoURL: string, name: string, version: string): Chart | undefined {
    return this.#charts.get(keyOf(repoURL, name, version));
  }

  /** Adds the charts of a folder: one folder each, named as the chart, with a Chart.yaml in it. Where the placeholder stands, the registry goes. */
  async addFolder(
    repoURL: string,
    folder: string,
    registryHost: string,
  ): Promise<void> {
    for (const name of await readdir(folder)) {
      const root = join(folder, name);
      const files = new Map<string, Buffer>();
      for (const entry of await readdir(root, {
        recursive: true,
        withFileTypes: true,
      })) {
        if (entry.isFile()) {
          const path = join(entry.parentPath, entry.name);
          const inside = relative(root, path).split(sep).join('/');
          const text = (await readFile(path, 'utf8'))
            .split(REGISTRY_PLACEHOLDER)
            .join(registryHost);
          files.set(posix.join(name, inside), Buffer.from(text));
        }
      }
      this.add(repoURL, chartOf(files, name));
    }
  }
}

function keyOf(repoURL: string, name: string, version: string): string {
  return `${repoURL} ${name} ${version}`;
}

/** Reads off a chart's own description what a repository tells of it. */
export function chartOf(
  files: ReadonlyMap<string, Buffer>,
  name: string,
): Chart {
  const about = parse(files.get(`${name}/Chart.yaml`)!.toString('utf8')) as {
    version: string;
    description: string;
    home?: string;
    maintainers?: Array<{ name: string; email: string }>;
  };
  return {
    name,
    version: about.version,
    description: about.description,
    home: about.home,
    maintainers: (about.maintainers ?? []).map(
      ({ name: person, email }) => `${person} <${email}>`,
    ),
    files,
  };
}
