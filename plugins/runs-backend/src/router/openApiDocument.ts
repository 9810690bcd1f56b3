import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { JsonObject } from '@backstage/types';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** The description of this API, from `openapi.yaml` of the package. */
export async function readOpenApiDocument(): Promise<JsonObject> {
  const path = resolvePackagePath(
    '@switchyard/backstage-plugin-runs-backend',
    'openapi.yaml',
  );
  return parse(await readFile(path, 'utf8'));
}
