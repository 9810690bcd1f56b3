import {
  Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { ApplicationRow, ObjectRow } from '../rows';
import { ENTITY_REF_KEYS } from './annotations';
import { BindingConfig, SwitchyardConfig } from '../config';
import { matchesGlob } from './glob';
import { TargetConsent } from './types';

/**
 * What is asked to agree.
 *
 * @public
 */
export type ConsentTarget =
  | { type: 'application'; application: ApplicationRow }
  | {
      type: 'workload';
      /** A row of a Deployment, Job, pod … */
      workload: Pick<ObjectRow, 'cluster' | 'namespace' | 'kind' | 'name'> & {
        entityRef?: string;
      };
      /** Applications that have it among their resources: Argo CD's word, not the workload's. Where one agrees, the workload does. */
      applications?: readonly ApplicationRow[];
    };

/**
 * Whether a target agrees to be acted on by an entity. Annotations of an entity are claims: whoever can register one could name somebody
 * else's Application. So the target has to name exactly this entity, or the config has to bind them.
 *
 * @public
 */
export function consentOf(
  entity: Entity,
  target: ConsentTarget,
  config: Pick<SwitchyardConfig, 'bindings'>,
): TargetConsent {
  const entityRef = stringifyEntityRef(entity);
  return target.type === 'application'
    ? applicationConsent(entity, entityRef, target.application, config)
    : workloadConsent(entity, entityRef, target, config);
}

/**
 * Whom an Application may agree to, whoever asks: the entities that it names or that a binding names, and all that a group owns. Refs are full and in
 * lower case.
 *
 * @public
 */
export function guestsOf(
  application: ApplicationRow,
  config: Pick<SwitchyardConfig, 'bindings'>,
): { entities: string[]; owners: string[] } {
  const entities = new Set<string>();
  const owners = new Set<string>();
  for (const key of ENTITY_REF_KEYS) {
    const ref = readRef(application.annotations[key]);
    if (ref !== undefined) entities.add(ref);
  }
  for (const binding of config.bindings) {
    if (!coversApplication(binding, application)) continue;
    if ('entity' in binding.to) entities.add(binding.to.entity);
    else owners.add(binding.to.owner);
  }
  return { entities: [...entities], owners: [...owners] };
}

function applicationConsent(
  entity: Entity,
  entityRef: string,
  application: ApplicationRow,
  config: Pick<SwitchyardConfig, 'bindings'>,
): TargetConsent {
  const called = `Application ${application.namespace}/${application.name}`;
  const written = ENTITY_REF_KEYS.map(
    key => [key, application.annotations[key]] as const,
  ).filter(([, value]) => value !== undefined);
  const naming = written.find(([, value]) => isSameRef(value, entityRef));
  if (naming) {
    return {
      given: true,
      by: 'annotation',
      why: `${called} names this entity by its annotation ${naming[0]}`,
    };
  }
  const binding = config.bindings.find(
    candidate =>
      coversApplication(candidate, application) &&
      letsIn(candidate, entity, entityRef),
  );
  if (binding) {
    return {
      given: true,
      by: 'binding',
      why: `switchyard.bindings binds ${called} to ${describeGuest(binding)}`,
    };
  }
  return {
    given: false,
    why: `${missing(
      called,
      written.length > 0,
      entityRef,
    )}, or to bind project '${application.project}' in switchyard.bindings`,
  };
}

function workloadConsent(
  entity: Entity,
  entityRef: string,
  target: Extract<ConsentTarget, { type: 'workload' }>,
  config: Pick<SwitchyardConfig, 'bindings'>,
): TargetConsent {
  const { workload, applications = [] } = target;
  const called = `${workload.kind} ${workload.namespace}/${workload.name}`;
  if (isSameRef(workload.entityRef, entityRef)) {
    return {
      given: true,
      by: 'annotation',
      why: `${called} names this entity by its annotation`,
    };
  }
  const binding = config.bindings.find(
    candidate =>
      coversWorkload(candidate, workload) &&
      letsIn(candidate, entity, entityRef),
  );
  if (binding) {
    return {
      given: true,
      by: 'binding',
      why: `switchyard.bindings binds namespace ${workload.cluster}/${
        workload.namespace
      } to ${describeGuest(binding)}`,
    };
  }
  for (const application of applications) {
    const consent = applicationConsent(entity, entityRef, application, config);
    if (consent.given) return consent;
  }
  return {
    given: false,
    why: `${missing(called, workload.entityRef !== undefined, entityRef)}${
      applications.length > 0
        ? ` (or its Application ${applications[0].namespace}/${applications[0].name} needs it)`
        : ''
    }, or to bind namespace ${workload.cluster}/${
      workload.namespace
    } in switchyard.bindings`,
  };
}

function coversApplication(
  { target }: BindingConfig,
  application: ApplicationRow,
): boolean {
  return (
    'argocdProject' in target &&
    matchesGlob(target.argocdProject, application.project) &&
    matchesGlob(target.argocdApplication ?? '*', application.name)
  );
}

function coversWorkload(
  { target }: BindingConfig,
  workload: { cluster: string; namespace: string },
): boolean {
  return (
    'cluster' in target &&
    matchesGlob(target.cluster, workload.cluster) &&
    matchesGlob(target.namespace, workload.namespace)
  );
}

function letsIn(
  { to }: BindingConfig,
  entity: Entity,
  entityRef: string,
): boolean {
  return 'entity' in to
    ? isSameRef(to.entity, entityRef)
    : isOwnedBy(entity, to.owner);
}

function isOwnedBy(entity: Entity, owner: string): boolean {
  return (entity.relations ?? []).some(
    relation =>
      relation.type === RELATION_OWNED_BY &&
      isSameRef(owner, relation.targetRef.toLocaleLowerCase('en-US')),
  );
}

function isSameRef(written: string | undefined, entityRef: string): boolean {
  return readRef(written) === entityRef;
}

// Only a full ref counts: what 'orders' alone means depends on who reads it.
function readRef(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  try {
    return stringifyEntityRef(parseEntityRef(written.trim()));
  } catch {
    return undefined;
  }
}

function describeGuest(binding: BindingConfig): string {
  return 'entity' in binding.to
    ? 'this entity'
    : `what ${binding.to.owner} owns`;
}

function missing(
  called: string,
  namesAnother: boolean,
  entityRef: string,
): string {
  return namesAnother
    ? `${called} names another entity; it would have to carry the annotation ${ENTITY_REF_KEYS[0]}: ${entityRef}`
    : `${called} does not name this entity; it would have to carry the annotation ${ENTITY_REF_KEYS[0]}: ${entityRef}`;
}
