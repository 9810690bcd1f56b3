import { TargetDeployment } from '@switchyard/fleet-node';
import { AffectedObject, isWanted, WantedImage } from '../manifests';

/** Kinds that keep a template: pods and Jobs of theirs come and go. */
const LASTING = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Rollout',
  'CronJob',
]);

/** Whether it keeps a template of pods. */
export function isLasting({ kind }: { kind: string }): boolean {
  return LASTING.has(kind);
}

/**
 * What runs the image now, by what the fleet sees: where manifests are not to be had, as with charts, it stands for what will get the new one.
 */
export function runningObjects({
  deployment,
  wanted,
}: {
  deployment: Pick<TargetDeployment, 'workloads'>;
  wanted: WantedImage;
}): AffectedObject[] {
  return deployment.workloads
    .filter(({ row }) => isLasting(row))
    .flatMap(({ row }) =>
      row.containers
        .filter(({ image }) => isWanted(image, wanted))
        .map(({ name, image }) => ({
          kind: row.kind,
          name: row.name,
          container: name,
          hooks: [],
          before: image,
        })),
    );
}
