import { Random } from '../../world/Random';
import { WorldClock } from '../../world/clock';
import { UsageMeter } from '../metrics/UsageMeter';
import { Registry } from '../store/Registry';
import { EventRecorder } from './EventRecorder';

/** Name by which managedFields and events know the controllers. */
export const CONTROLLER_MANAGER = 'kube-controller-manager';

/** What every controller works with. */
export interface ControlPlane {
  registry: Registry;
  clock: WorldClock;
  random: Random;
  events: EventRecorder;
  minorVersion: number;
  /**
   * World time, by uid, at which pods got ready. Objects tell it in whole seconds of the wall only, and in one of those much of the world's time passes.
   */
  readySince: Map<string, number>;
  meter: UsageMeter;
}

/** A part of the control plane that works until it is closed. */
export interface Controller {
  close(): void;
}
