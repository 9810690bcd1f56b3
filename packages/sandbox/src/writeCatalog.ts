import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { REGISTRY_PLACEHOLDER } from './git';
import { SandboxPerson } from './handle';

/**
 * Writes the catalog of this world, with its registry's address, and reads the people off it.
 *
 * @returns the path of the Location file that names the others
 */
export async function writeCatalog(options: {
  sources: string;
  directory: string;
  registryHost: string;
}): Promise<{ location: string; people: SandboxPerson[] }> {
  await mkdir(options.directory, { recursive: true });
  let people: SandboxPerson[] = [];
  for (const name of await readdir(options.sources)) {
    const text = (await readFile(join(options.sources, name), 'utf8'))
      .split(REGISTRY_PLACEHOLDER)
      .join(options.registryHost);
    await writeFile(join(options.directory, name), text);
    if (name === 'people.yaml') {
      people = parseAllDocuments(text).map(document =>
        personOf(document.toJS()),
      );
    }
  }
  return { location: join(options.directory, 'all.yaml'), people };
}

function personOf(entity: {
  metadata: { name: string; description: string };
  spec: { profile: { displayName: string }; memberOf: string[] };
}): SandboxPerson {
  return {
    name: entity.metadata.name,
    displayName: entity.spec.profile.displayName,
    groups: entity.spec.memberOf,
    about: entity.metadata.description,
  };
}
