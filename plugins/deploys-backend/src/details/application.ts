import {
  DeploymentDetails,
  RelatedApplication,
  SourceDetails,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  Application,
  ApplicationRow,
  ApplicationSource,
  FleetReader,
} from '@switchyard/fleet-node';
import { describeOperation } from './operation';
import { shorten } from './shorten';

const ARGO_GROUP = 'argoproj.io';
const MAX_CHILDREN = 200;
const MAX_CONDITIONS = 50;
const WARNING = /Warning$/;

/**
 * What the full Application tells; its relatives as the fleet knows them.
 *
 * @param options - `withheld`: why relatives and messages are not told of: they belong to others
 */
export function describeApplication(
  application: Application,
  row: ApplicationRow,
  fleet: Pick<FleetReader, 'applications'>,
  options: { withheld?: string } = {},
): DeploymentDetails {
  const { withheld } = options;
  const isWhole = withheld === undefined;
  const { status } = application;
  const operation = describeOperation(application, {
    withMessages: isWhole,
  });
  const parent = isWhole ? parentOf(application, row, fleet) : undefined;
  return {
    ...(operation && { operation }),
    syncPolicy: describePolicy(row),
    sources: sourcesOf(application),
    conditions: (status?.conditions ?? [])
      .slice(0, MAX_CONDITIONS)
      .map(({ type, message, lastTransitionTime }) => ({
        type,
        ...(isWhole && { message: shorten(message) }),
        ...(lastTransitionTime && { at: lastTransitionTime }),
        severity: WARNING.test(type)
          ? ('warning' as const)
          : ('error' as const),
      })),
    ...(parent && { parent }),
    children: isWhole ? childrenOf(row, fleet) : [],
    ...(withheld !== undefined && { withheld }),
    ...(status?.reconciledAt && { reconciledAt: status.reconciledAt }),
  };
}

function describePolicy({ autoSync }: ApplicationRow): string {
  if (!autoSync.enabled) {
    return 'By hand: nothing is synced until somebody asks for it';
  }
  const also = [
    autoSync.selfHeal
      ? 'puts right what is changed in the cluster'
      : 'leaves alone what is changed in the cluster',
    autoSync.prune
      ? 'deletes what is gone from Git'
      : 'keeps what is gone from Git',
  ];
  return `Automated: Argo CD syncs each commit by itself, ${also.join(
    ' and ',
  )}`;
}

function sourcesOf({ spec, status }: Application): SourceDetails[] {
  const isMulti = Boolean(spec.sources?.length);
  const single = spec.source ? [spec.source] : [];
  const sources = isMulti ? spec.sources! : single;
  const { revision, revisions } = status?.sync ?? {};
  return sources.map((source, index) =>
    describeSource(source, isMulti ? revisions?.[index] : revision),
  );
}

function describeSource(
  source: ApplicationSource,
  revision: string | undefined,
): SourceDetails {
  const { repoURL, path, chart, ref, targetRevision } = source;
  return {
    repository: withoutAccount(repoURL),
    ...(path && { path }),
    ...(chart && { chart }),
    ...(ref && { ref }),
    ...(targetRevision && { targetRevision }),
    ...(revision && { revision }),
  };
}

/** Addresses of repositories may hold a user and a password. */
export function withoutAccount(address: string): string {
  if (!URL.canParse(address)) return address.replace(/\/\/[^/@]*@/, '//');
  const url = new URL(address);
  if (url.username === '' && url.password === '') return address;
  url.username = '';
  url.password = '';
  return url.toString();
}

/** The ApplicationSet that owns it, or the Application that has it among its resources. */
function parentOf(
  application: Application,
  row: ApplicationRow,
  fleet: Pick<FleetReader, 'applications'>,
): RelatedApplication | undefined {
  const owner = application.metadata.ownerReferences?.find(
    ({ kind, apiVersion }) =>
      kind === 'ApplicationSet' && apiVersion.startsWith(`${ARGO_GROUP}/`),
  );
  if (owner) {
    return {
      kind: 'ApplicationSet',
      name: owner.name,
      namespace: row.namespace,
    };
  }
  const name = trackingApplication(application);
  if (name === undefined) return undefined;
  const [namespace, local] = name.includes('_')
    ? [name.slice(0, name.indexOf('_')), name.slice(name.indexOf('_') + 1)]
    : [undefined, name];
  // The mark is a claim; who has it among its resources is the parent.
  const parent = fleet
    .applications({ instance: row.instance, name: local })
    .find(
      candidate =>
        (namespace === undefined || candidate.namespace === namespace) &&
        manages(candidate, row),
    );
  return parent && related(parent);
}

/** `<app>:<group>/<kind>:<ns>/<name>`, or the label of older Argo CDs. */
function trackingApplication({ metadata }: Application): string | undefined {
  const id = metadata.annotations?.[`argocd.${ARGO_GROUP}/tracking-id`];
  return (
    id?.split(':')[0] ??
    metadata.labels?.[`argocd.${ARGO_GROUP}/instance`] ??
    metadata.labels?.['app.kubernetes.io/instance']
  );
}

function manages(parent: ApplicationRow, child: ApplicationRow): boolean {
  return parent.resources.some(
    resource =>
      isApplication(resource) &&
      resource.name === child.name &&
      resource.namespace === child.namespace,
  );
}

function childrenOf(
  row: ApplicationRow,
  fleet: Pick<FleetReader, 'applications'>,
): RelatedApplication[] {
  return row.resources
    .filter(isApplication)
    .slice(0, MAX_CHILDREN)
    .map(({ namespace, name, status, health }) => {
      const [known] = fleet.applications({
        instance: row.instance,
        namespace,
        name,
      });
      if (known) return related(known);
      return {
        kind: 'Application' as const,
        name,
        namespace,
        ...(status && { sync: status }),
        ...(health && { health }),
      };
    });
}

function isApplication(resource: { group: string; kind: string }): boolean {
  return resource.group === ARGO_GROUP && resource.kind === 'Application';
}

function related(row: ApplicationRow): RelatedApplication {
  return {
    kind: 'Application',
    name: row.name,
    namespace: row.namespace,
    sync: row.sync.status,
    health: row.health.status,
    ...(row.url && { url: row.url }),
  };
}
