import { Json } from '../json';
import { ResourceType } from '../resources';
import { KubernetesObject } from '../types';

const newerEvents = new WeakMap<object, KubernetesObject>();

/** The object in the version that was asked for: events and autoscalers look different in their other one. */
export function presented(
  resource: ResourceType,
  object: KubernetesObject,
): KubernetesObject {
  if (resource.group === 'events.k8s.io') {
    return newerEvent(object);
  }
  return resource.group === 'autoscaling' && resource.version === 'v1'
    ? olderAutoscaler(object)
    : object;
}

function newerEvent(object: KubernetesObject): KubernetesObject {
  let event = newerEvents.get(object);
  if (!event) {
    const { metadata, reason, type, action, eventTime, reportingInstance } =
      object;
    event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata,
      eventTime: eventTime ?? null,
      reportingController: object.reportingComponent,
      reportingInstance,
      ...(action ? { action } : {}),
      reason,
      regarding: object.involvedObject,
      note: object.message,
      type,
      deprecatedSource: object.source ?? {},
      deprecatedFirstTimestamp: object.firstTimestamp ?? null,
      deprecatedLastTimestamp: object.lastTimestamp ?? null,
      ...(object.count ? { deprecatedCount: object.count } : {}),
    };
    newerEvents.set(object, event);
  }
  return event;
}

const olderAutoscalers = new WeakMap<object, KubernetesObject>();

function olderAutoscaler(object: KubernetesObject): KubernetesObject {
  let older = olderAutoscalers.get(object);
  if (!older) {
    const { metrics = [], behavior: _, ...spec } = object.spec;
    const {
      currentMetrics = [],
      conditions: __,
      ...status
    } = object.status ?? {};
    const cpuOf = (list: Json[], member: 'target' | 'current') =>
      list.find(each => each.resource?.name === 'cpu')?.resource[member]
        .averageUtilization;
    const wanted = cpuOf(metrics, 'target');
    const current = cpuOf(currentMetrics, 'current');
    older = {
      ...object,
      apiVersion: 'autoscaling/v1',
      spec: {
        ...spec,
        ...(wanted === undefined
          ? {}
          : { targetCPUUtilizationPercentage: wanted }),
      },
      status: {
        ...status,
        currentReplicas: status.currentReplicas ?? 0,
        desiredReplicas: status.desiredReplicas ?? 0,
        ...(current === undefined
          ? {}
          : { currentCPUUtilizationPercentage: current }),
      },
    };
    olderAutoscalers.set(object, older);
  }
  return older;
}

function newerAutoscaler(object: KubernetesObject): KubernetesObject {
  const { targetCPUUtilizationPercentage = 80, ...spec } = object.spec;
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      metrics: [
        {
          type: 'Resource',
          resource: {
            name: 'cpu',
            target: {
              type: 'Utilization',
              averageUtilization: targetCPUUtilizationPercentage,
            },
          },
        },
      ],
    },
  };
}

/** An object as it is stored: events and autoscalers in the version that keeps all of them. */
export function stored(object: KubernetesObject): KubernetesObject {
  if (
    object.apiVersion === 'autoscaling/v1' &&
    object.kind === 'HorizontalPodAutoscaler'
  ) {
    return newerAutoscaler(object);
  }
  if (object.apiVersion !== 'events.k8s.io/v1' || object.kind !== 'Event') {
    return object;
  }
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: object.metadata,
    involvedObject: object.regarding ?? {},
    reason: object.reason,
    message: object.note,
    type: object.type,
    action: object.action,
    eventTime: object.eventTime,
    reportingComponent: object.reportingController,
    reportingInstance: object.reportingInstance,
    source: object.deprecatedSource ?? {},
    firstTimestamp: object.deprecatedFirstTimestamp ?? null,
    lastTimestamp: object.deprecatedLastTimestamp ?? null,
    ...(object.deprecatedCount ? { count: object.deprecatedCount } : {}),
  };
}
