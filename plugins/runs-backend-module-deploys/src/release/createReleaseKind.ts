import { parseEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import {
  ActionKind,
  childRunsStep,
} from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { versionInput } from '../operations/versionInput';
import { ReleaseChoicesReader } from './ReleaseChoicesReader';
import {
  MAX_SERVICES,
  RELEASE_PLAN_VERSION,
  ReleasePlanner,
} from './ReleasePlanner';
import { ReleaseInput } from './types';

const inputSchema = z
  .strictObject({
    services: z
      .array(
        z
          .string()
          .max(300)
          .refine(
            isComponentRef,
            'must be the full ref of a component, e.g. component:default/orders',
          )
          .transform(ref => ref.toLocaleLowerCase('en-US')),
      )
      .min(1)
      .max(MAX_SERVICES)
      .optional(),
    version: versionInput.optional(),
    title: z.string().trim().max(500).optional(),
    onFailure: z.enum(['stop', 'go-on']).optional(),
  })
  .refine(
    ({ version, title }) => (version === undefined) !== (title === undefined),
    'must give either the version, or the title of the pull request that asks for the next one',
  );

/**
 * Ships one version of several services to an environment, as one run that asks for a hotfix of each, in the order of what depends on what.
 */
export function createReleaseKind(options: {
  planner: ReleasePlanner;
  reader: ReleaseChoicesReader;
}): ActionKind<ReleaseInput> {
  const { planner, reader } = options;
  return {
    kind: 'release',
    title: 'Release',
    planVersions: [RELEASE_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    choices: async (request, lookup) =>
      (await reader.read(request, lookup)) as unknown as JsonObject,
    plan: (request, lookup) => planner.plan(request, lookup),
    steps: { children: childRunsStep },
  };
}

function isComponentRef(ref: string): boolean {
  try {
    const { kind, namespace, name } = parseEntityRef(ref);
    return (
      kind.toLocaleLowerCase('en-US') === 'component' &&
      `${kind}:${namespace}/${name}` === ref
    );
  } catch {
    return false;
  }
}
