import { parseQuantity } from '../quantity';
import { deepEqual, Json } from '../json';
import { identityOf } from '../identity';
import { matchesSelector } from '../selectors';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { Controller, ControlPlane } from './ControlPlane';
import { EventWriter } from './EventRecorder';
import { OwnerQueue } from './OwnerQueue';
import { isActive, isReady } from './pods';

const MANAGER = 'horizontal-pod-autoscaler';
/** On the wall. */
const PERIOD_MS = 30_000;
/** At the speed of life, at which the world's past is played too: days of it are to pass in a second. */
const SLOW_PERIOD_MS = 2 * 3_600_000;
/** Between a change of a workload and the look at it, in world time. */
const REACTION_MS = 15_000;
const TOLERANCE = 0.1;

interface Answer {
  current: number;
  desired: number;
  metrics: Json[];
  conditions: Array<[string, boolean, string, string]>;
}

/** Sets the size of workloads by what their pods use of what they ask for. */
export class AutoscalerController implements Controller {
  readonly #plane: ControlPlane;
  readonly #note: EventWriter;
  readonly #queue: OwnerQueue;
  readonly #stop: () => void;
  readonly #metricsGone: () => boolean;

  static create(options: {
    plane: ControlPlane;
    metricsGone(): boolean;
  }): AutoscalerController {
    return new AutoscalerController(options);
  }

  private constructor(options: {
    plane: ControlPlane;
    metricsGone(): boolean;
  }) {
    const { plane } = options;
    this.#plane = plane;
    this.#note = plane.events.writerOf(MANAGER);
    this.#metricsGone = options.metricsGone;
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
      owned: [],
      sync: autoscaler => this.#sync(autoscaler),
    });
    this.#stop = plane.registry.storage.subscribe(({ object }) => {
      if (object.spec?.replicas !== undefined && object.kind !== 'ReplicaSet') {
        this.#lookAt(object);
      }
    });
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #lookAt({ kind, metadata }: KubernetesObject): void {
    for (const autoscaler of this.#plane.registry.storage.list({
      group: 'autoscaling',
      kind: 'HorizontalPodAutoscaler',
    })) {
      const { scaleTargetRef } = autoscaler.spec;
      if (
        scaleTargetRef.kind === kind &&
        scaleTargetRef.name === metadata.name &&
        autoscaler.metadata.namespace === metadata.namespace
      ) {
        this.#queue.again(autoscaler, REACTION_MS);
      }
    }
  }

  #sync(autoscaler: KubernetesObject): void {
    const { registry, clock } = this.#plane;
    this.#queue.again(
      autoscaler,
      clock.speed > 1 ? PERIOD_MS * clock.speed : SLOW_PERIOD_MS,
    );
    const { scaleTargetRef } = autoscaler.spec;
    const target = registry.get({
      apiVersion: scaleTargetRef.apiVersion ?? 'apps/v1',
      kind: scaleTargetRef.kind,
      namespace: autoscaler.metadata.namespace,
      name: scaleTargetRef.name,
    });
    const answer = this.#judge(autoscaler, target);
    let { current } = answer;
    let lastScaleTime = autoscaler.status?.lastScaleTime;
    if (target && answer.desired !== current) {
      registry.replace(
        target,
        { ...target, spec: { ...target.spec, replicas: answer.desired } },
        { manager: MANAGER, subresource: 'scale' },
      );
      lastScaleTime = timestamp(clock.now());
      this.#note(
        autoscaler,
        'Normal',
        'SuccessfulRescale',
        `New size: ${answer.desired}; reason: ${
          answer.desired > current
            ? 'cpu resource utilization (percentage of request) above target'
            : 'All metrics below target'
        }`,
      );
    }
    current = target?.status?.replicas ?? current;
    this.#writeStatus(autoscaler, answer, { current, lastScaleTime });
  }

  #judge(
    autoscaler: KubernetesObject,
    target: KubernetesObject | undefined,
  ): Answer {
    const { minReplicas, maxReplicas, metrics, scaleTargetRef } =
      autoscaler.spec;
    if (!target) {
      const resource = `${scaleTargetRef.kind.toLowerCase()}s.${
        (scaleTargetRef.apiVersion ?? 'apps/v1').split('/')[0]
      }`;
      const message = `the HPA controller was unable to get the target's current scale: ${resource} "${scaleTargetRef.name}" not found`;
      this.#note(autoscaler, 'Warning', 'FailedGetScale', message);
      return {
        current: 0,
        desired: 0,
        metrics: [],
        conditions: [['AbleToScale', false, 'FailedGetScale', message]],
      };
    }
    const size: number = target.spec.replicas;
    const isAble: Answer['conditions'][number] = [
      'AbleToScale',
      true,
      'ReadyForNewScale',
      'recommended size matches current size',
    ];
    if (size === 0) {
      return {
        current: 0,
        desired: 0,
        metrics: [],
        conditions: [
          isAble,
          [
            'ScalingActive',
            false,
            'ScalingDisabled',
            'scaling is disabled since the replica count of the target is zero',
          ],
        ],
      };
    }
    const measured = metrics
      .filter((metric: Json) => metric.type === 'Resource')
      .map((metric: Json) => this.#measure(metric.resource, target, size));
    const problem = this.#metricsGone()
      ? 'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)'
      : 'no metrics returned from resource metrics API';
    if (measured.length === 0 || measured.includes(undefined)) {
      const message = `failed to get cpu utilization: unable to get metrics for resource cpu: ${problem}`;
      this.#note(autoscaler, 'Warning', 'FailedGetResourceMetric', message);
      return {
        current: size,
        desired: size,
        metrics: [],
        conditions: [
          [
            'AbleToScale',
            true,
            'SucceededGetScale',
            "the HPA controller was able to get the target's current scale",
          ],
          [
            'ScalingActive',
            false,
            'FailedGetResourceMetric',
            `the HPA was unable to compute the replica count: ${message}`,
          ],
        ],
      };
    }
    const wanted = Math.max(...measured.map((each: Json) => each.wanted));
    const desired = Math.min(maxReplicas, Math.max(minReplicas, wanted));
    return {
      current: size,
      desired,
      metrics: measured.map((each: Json) => each.status),
      conditions: [
        isAble,
        [
          'ScalingActive',
          true,
          'ValidMetricFound',
          `the HPA was able to successfully calculate a replica count from ${metrics[0].resource.name} resource utilization (percentage of request)`,
        ],
        limitation(wanted, desired),
      ],
    };
  }

  /** What the ready pods of a workload use on average, and how many it would take. Undefined if nobody says. */
  #measure(
    { name, target }: Json,
    workload: KubernetesObject,
    size: number,
  ): Json | undefined {
    if (this.#metricsGone()) {
      return undefined;
    }
    const pods = this.#plane.registry.storage
      .list({ group: '', kind: 'Pod' })
      .filter(
        pod =>
          pod.metadata.namespace === workload.metadata.namespace &&
          isActive(pod) &&
          isReady(pod) &&
          matchesSelector(pod.metadata.labels, workload.spec.selector),
      );
    let used = 0;
    let asked = 0;
    for (const pod of pods) {
      const usage = this.#plane.meter.usageOf(pod) ?? [];
      used += usage.reduce(
        (sum, each) => sum + (name === 'memory' ? each.memory : each.cpu),
        0,
      );
      asked += pod.spec.containers.reduce(
        (sum: number, each: Json) =>
          sum + parseQuantity(each.resources?.requests?.[name]),
        0,
      );
    }
    if (pods.length === 0 || asked === 0) {
      return undefined;
    }
    const average = used / pods.length;
    const ratio =
      target.type === 'Utilization'
        ? used / asked / (target.averageUtilization / 100)
        : average / parseQuantity(target.averageValue);
    const averageValue =
      name === 'memory'
        ? String(Math.round(average))
        : `${Math.round(average * 1000)}m`;
    return {
      wanted:
        Math.abs(ratio - 1) <= TOLERANCE
          ? size
          : Math.ceil(pods.length * ratio),
      status: {
        type: 'Resource',
        resource: {
          name,
          current: {
            averageUtilization: Math.round((used / asked) * 100),
            averageValue,
          },
        },
      },
    };
  }

  #writeStatus(
    given: KubernetesObject,
    answer: Answer,
    { current, lastScaleTime }: { current: number; lastScaleTime?: string },
  ): void {
    const { registry, clock } = this.#plane;
    const autoscaler = registry.get(identityOf(given));
    if (!autoscaler) {
      return;
    }
    const before: Json = autoscaler.status ?? {};
    const conditions = answer.conditions.map(
      ([type, isTrue, reason, message]) => {
        const status = isTrue ? 'True' : 'False';
        const known = before.conditions?.find(
          (each: Json) => each.type === type,
        );
        return {
          type,
          status,
          reason,
          message,
          lastTransitionTime:
            known?.status === status
              ? known.lastTransitionTime
              : timestamp(clock.now()),
        };
      },
    );
    const status = {
      conditions,
      currentMetrics: answer.metrics,
      currentReplicas: current,
      desiredReplicas: answer.desired,
      ...(lastScaleTime ? { lastScaleTime } : {}),
    };
    if (!deepEqual(before, status)) {
      registry.replaceStatus(autoscaler, status, 'kube-controller-manager');
    }
  }
}

function limitation(
  wanted: number,
  desired: number,
): Answer['conditions'][number] {
  if (wanted > desired) {
    return [
      'ScalingLimited',
      true,
      'TooManyReplicas',
      'the desired replica count is more than the maximum replica count',
    ];
  }
  return wanted < desired
    ? [
        'ScalingLimited',
        true,
        'TooFewReplicas',
        'the desired replica count is less than the minimum replica count',
      ]
    : [
        'ScalingLimited',
        false,
        'DesiredWithinRange',
        'the desired count is within the acceptable range',
      ];
}
