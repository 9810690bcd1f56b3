import { JsonObject } from '@backstage/types';
import { PlanProblem, Warning } from '@switchyard/backstage-plugin-runs-common';
import {
  FleetReader,
  joinCluster,
  SwitchyardConfig,
  WorkloadRow,
} from '@switchyard/fleet-node';
import { titleOfWorkload } from '../workloads/workloadTargets';

const FLUX_LABELS = [
  'kustomize.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/name',
];
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const HELM_RELEASE = 'meta.helm.sh/release-name';

/**
 * Who else decides which image a workload runs. What puts it back by itself makes a change of the object pointless; what does so when a person uses it next is
 * worth a word.
 */
export function findOtherOwners(
  row: WorkloadRow,
  object: JsonObject,
  fleet: FleetReader,
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
): { problems: PlanProblem[]; warnings: Warning[] } {
  const ref = titleOfWorkload(row);
  const called = `${row.kind} ${row.name} in ${row.cluster}`;
  const application = findApplication(row, fleet, config);
  if (application !== undefined)
    return refuse({
      what: 'Argo CD deploys it',
      why: `${called} belongs to Application ${application}, which is none of this component's, and which would put the version back. Let the component name it (argocd/app-name), and ship by Git`,
      ref,
    });
  const flux = FLUX_LABELS.map(label => row.labels[label]).find(Boolean);
  if (flux !== undefined)
    return refuse({
      what: 'Flux deploys it',
      why: `${called} is kept by Flux (${flux}), which would put the version back; change it where Flux reads it`,
      ref,
    });
  if (row.owner)
    return refuse({
      what: 'Something else makes it',
      why: `${called} is made by ${row.owner.kind} ${row.owner.name}, which would put the version back; change it there`,
      ref,
    });
  return { problems: [], warnings: warnOfTools(row, object, fleet) };
}

function refuse(problem: PlanProblem) {
  return { problems: [problem], warnings: [] };
}

/** Tools that put the version back when somebody uses them next. */
function warnOfTools(
  row: WorkloadRow,
  object: JsonObject,
  fleet: FleetReader,
): Warning[] {
  const { cluster, uid, labels } = row;
  const ref = titleOfWorkload(row);
  const called = `${row.kind} ${row.name} in ${cluster}`;
  const annotations = (object as any).metadata?.annotations ?? {};
  const release: string | undefined = annotations[HELM_RELEASE];
  const manager = labels[MANAGED_BY];
  if (release !== undefined || manager === 'Helm')
    return [
      {
        what: 'Helm has installed it',
        why: `${called} is of the release ${
          release ?? row.name
        }: the next helm upgrade sets the version that its values name`,
        ref,
      },
    ];
  if (manager !== undefined && manager !== '')
    return [
      {
        what: 'Something else may put it back',
        why: `${called} says that ${manager} manages it`,
        ref,
      },
    ];
  const origin = fleet.origin({ cluster, uid });
  return origin?.lastAppliedApiVersion === undefined
    ? []
    : [
        {
          what: 'A manifest names the version too',
          why: `${called} was deployed with kubectl apply: whoever applies its manifest next sets the version that stands there`,
          ref,
        },
      ];
}

/** The Application that has it among its resources, whoever it is for, or that the object itself names as the one that made it. */
function findApplication(
  row: WorkloadRow,
  fleet: FleetReader,
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
): string | undefined {
  if (row.trackingId !== undefined) return row.trackingId.split(':')[0];
  const clusters = fleet.clusters();
  return fleet.applications({}).find(application => {
    const { resources, destination } = application;
    const isAmongThem = resources.some(
      ({ kind, name, namespace }) =>
        kind === row.kind &&
        name === row.name &&
        (namespace || destination.namespace) === row.namespace,
    );
    if (!isAmongThem) return false;
    const join = joinCluster(application, clusters, config);
    return join.joined && join.cluster === row.cluster;
  })?.name;
}
