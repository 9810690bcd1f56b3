import { ScaleApp } from './layout';
import { ScaleArgoCd } from './ScaleArgoCd';
import { ScaleCluster } from './ScaleCluster';

const TICK_MS = 20;
/** Every so many-th change replaces a pod, and every so many-th is one of an Application. */
const REPLACE_EVERY = 20;
const APPLICATION_EVERY = 50;

/** Lets pods change at a rate, evenly over all clusters. */
export class Replay {
  changes = 0;
  readonly #clusters: readonly ScaleCluster[];
  readonly #argocd: ScaleArgoCd;
  readonly #apps: readonly ScaleApp[];
  #perSecond = 0;
  #owed = 0;
  #lastAt = 0;
  #turn = 0;
  #timer?: NodeJS.Timeout;

  constructor(options: {
    clusters: readonly ScaleCluster[];
    argocd: ScaleArgoCd;
    apps: readonly ScaleApp[];
  }) {
    this.#clusters = options.clusters;
    this.#argocd = options.argocd;
    this.#apps = options.apps;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  set perSecond(rate: number) {
    this.#perSecond = rate;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (rate <= 0) return;
    this.#lastAt = performance.now();
    this.#owed = 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    this.perSecond = 0;
  }

  #tick() {
    const now = performance.now();
    // One that was held up for long does not catch up in a burst that nobody asked for.
    this.#owed += (Math.min(now - this.#lastAt, 200) / 1000) * this.#perSecond;
    this.#lastAt = now;
    for (; this.#owed >= 1; this.#owed -= 1) this.#change();
  }

  #change() {
    this.#turn += 1;
    const cluster = this.#clusters[this.#turn % this.#clusters.length];
    const { pods } = cluster;
    if (pods.count === 0) return;
    // Steps through all pods in an order that is none, hitting each of them now and then twice, as crashes do.
    const step = Math.floor(this.#turn / this.#clusters.length);
    const index = ((step >> 1) * 7919) % pods.count;
    const time = Date.now();
    cluster.tell(
      step % REPLACE_EVERY === 1
        ? pods.replace(index, time)
        : pods.flip(index, time),
    );
    this.changes += 1;
    if (this.#turn % APPLICATION_EVERY === 0) {
      this.#argocd.flip(
        ((this.#turn / APPLICATION_EVERY) * 7919) % this.#apps.length,
      );
    }
  }
}
