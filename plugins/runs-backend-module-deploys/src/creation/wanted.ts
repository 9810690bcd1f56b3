import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { NewApplication } from '@switchyard/fleet-node';
import { fillIn, NewApplicationCluster, NewApplicationRule } from './rules';

/** By which the entity finds its Applications, as other plugins write it too. */
const COMPONENT_LABEL = 'backstage-name';
const ENTITY_REF = 'backstage.io/entity-ref';

/** An Application that is to be created. */
export interface Wanted {
  instance: string;
  cluster: string;
  autoSync: boolean;
  manifest: NewApplication;
}

/** In one spelling, so that no detour leads out of the folder in which it has to lie; undefined for what is no address. */
export function readRepository(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain =
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '' &&
    // What is encoded here may be a path elsewhere.
    !/[%\\]/.test(url.pathname);
  return isPlain ? url.href.replace(/\/+$/, '') : undefined;
}

/** The Application that a rule lets a component have in a cluster. */
export function toWanted(
  entity: Entity,
  repository: string,
  rule: NewApplicationRule,
  { cluster, destination, application }: NewApplicationCluster,
): Wanted {
  const component = entity.metadata.name;
  return {
    instance: rule.instance,
    cluster,
    autoSync: rule.autoSync,
    manifest: {
      metadata: {
        name: fillIn(application, { component }),
        namespace: rule.argocdNamespace,
        labels: { [COMPONENT_LABEL]: component },
        // The consent of the target, for all that follows.
        annotations: { [ENTITY_REF]: stringifyEntityRef(entity) },
      },
      spec: {
        project: rule.project,
        source: {
          repoURL: repository,
          path: fillIn(rule.path, { component, cluster }),
          targetRevision: rule.branch,
        },
        destination: { ...destination, namespace: rule.namespace },
        ...(rule.autoSync && {
          syncPolicy: { automated: { prune: true, selfHeal: true } },
        }),
      },
    },
  };
}
