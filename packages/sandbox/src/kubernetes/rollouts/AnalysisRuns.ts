import { ControlPlane } from '../controllers/ControlPlane';
import { ownerReference } from '../controllers/pods';
import { identityOf } from '../identity';
import { Json } from '../json';
import { KubernetesObject } from '../types';
import { MANAGER, ROLLOUT_HASH } from './RolloutSets';

/** The AnalysisRuns of Rollouts: made from templates, one for each step that asks for one. */
export class AnalysisRuns {
  readonly #plane: ControlPlane;

  static create(plane: ControlPlane): AnalysisRuns {
    return new AnalysisRuns(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** The run of a step, begun if it is not there. One that was stopped when the step was left is followed by another. */
  forStep(options: {
    rollout: KubernetesObject;
    hash: string;
    revision: number;
    index: number;
    analysis: Json;
  }): KubernetesObject {
    const { rollout, hash, revision, index, analysis } = options;
    const { namespace, name } = rollout.metadata;
    const base = `${name}-${hash}-${revision}-${index}`;
    const known = this.#of(rollout)
      .filter(
        run =>
          run.metadata.name === base ||
          run.metadata.name.startsWith(`${base}.`),
      )
      .sort((a, b) => orderOf(a) - orderOf(b));
    const newest = known[known.length - 1];
    const isKept =
      newest &&
      !(newest.spec.terminate || rollout.status?.abortedAt !== undefined);
    if (isKept) {
      return newest;
    }
    return this.#plane.registry.create(
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AnalysisRun',
        metadata: {
          name: newest ? `${base}.${known.length}` : base,
          namespace,
          labels: {
            'rollout-type': 'Step',
            [ROLLOUT_HASH]: hash,
            'step-index': String(index),
          },
          annotations: { 'rollout.argoproj.io/revision': String(revision) },
          ownerReferences: [ownerReference(rollout) as any],
        },
        spec: {
          ...(analysis.args ? { args: analysis.args } : {}),
          metrics: this.#metricsOf(namespace, analysis),
        },
      },
      { manager: MANAGER },
    );
  }

  /** Stops what runs. */
  end(rollout: KubernetesObject): void {
    for (const run of this.#of(rollout)) {
      if (['Pending', 'Running', undefined].includes(run.status?.phase)) {
        this.#plane.registry.modify(
          identityOf(run),
          { manager: MANAGER },
          live => ({ ...live, spec: { ...live.spec, terminate: true } }),
        );
      }
    }
  }

  #of(rollout: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(rollout.metadata.uid!)
      .filter(object => object.kind === 'AnalysisRun');
  }

  #metricsOf(namespace: string | undefined, { templates = [] }: Json): Json[] {
    return templates.flatMap(
      ({ templateName }: Json) =>
        this.#plane.registry.get({
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'AnalysisTemplate',
          namespace,
          name: templateName,
        })?.spec.metrics ?? [],
    );
  }
}

function orderOf(run: KubernetesObject): number {
  return Number(/\.(\d+)$/.exec(run.metadata.name)?.[1] ?? 0);
}
