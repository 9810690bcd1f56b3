import { identityOf } from '../identity';
import { KubernetesObject } from '../types';
import { Controller, ControlPlane } from './ControlPlane';
import { OwnerQueue } from './OwnerQueue';

const ACTION = 'alb.ingress.kubernetes.io/actions.';
/** A load balancer is not there at once. */
const PROVISION_MS = 60_000;

/**
 * Gives Ingresses an address, as the AWS load balancer controller does. One with an action that is no JSON keeps the address that it had, and changes
 * of it do nothing any more.
 */
export class IngressController implements Controller {
  readonly #plane: ControlPlane;
  readonly #queue: OwnerQueue;
  readonly #since = new Map<string, number>();

  static create(plane: ControlPlane): IngressController {
    return new IngressController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
      owned: [],
      sync: ingress => this.#sync(ingress),
    });
  }

  close(): void {
    this.#queue.close();
  }

  #sync(ingress: KubernetesObject): void {
    const { clock, registry, events } = this.#plane;
    const uid = ingress.metadata.uid!;
    if (ingress.status?.loadBalancer?.ingress) {
      return;
    }
    const since = this.#since.get(uid) ?? clock.elapsed();
    this.#since.set(uid, since);
    const left = since + PROVISION_MS - clock.elapsed();
    if (left > 0) {
      this.#queue.again(ingress, left);
      return;
    }
    this.#since.delete(uid);
    const problem = problemOf(ingress);
    events.record({
      about: ingress,
      type: problem ? 'Warning' : 'Normal',
      reason: problem ? 'FailedBuildModel' : 'SuccessfullyReconciled',
      message: problem
        ? `Failed build model due to ingress: ${ingress.metadata.namespace}/${ingress.metadata.name}: ${problem}`
        : 'Successfully reconciled',
      component: 'ingress',
    });
    const hostname = `k8s-${ingress.metadata.namespace}-${
      ingress.metadata.name
    }-${uid.slice(0, 10).replace('-', '')}.eu-west-1.elb.amazonaws.com`;
    registry.replaceStatus(
      registry.get(identityOf(ingress))!,
      { loadBalancer: { ingress: [{ hostname }] } },
      'controller',
    );
  }
}

function problemOf({ metadata }: KubernetesObject): string | undefined {
  for (const [name, value] of Object.entries(metadata.annotations ?? {})) {
    if (name.startsWith(ACTION)) {
      try {
        JSON.parse(value);
      } catch {
        return 'unexpected end of JSON input';
      }
    }
  }
  return undefined;
}
