/** The arithmetic of a canary: pure functions over a Rollout's steps. */
import { Json } from '../json';

export interface CanarySizes {
  canary: number;
  stable: number;
}

/** The weight that the steps have set by a step, in percent. */
export function weightAt(steps: readonly Json[], index: number): number {
  if (index >= steps.length) {
    return 100;
  }
  for (let place = index; place >= 0; place -= 1) {
    if (steps[place].setWeight !== undefined) {
      return steps[place].setWeight;
    }
  }
  return 0;
}

/**
 * How many pods of the new and of the stable version there shall be. With a router the stable ones all stay, as traffic may have to go back to them;
 * without one the numbers of pods are the weights.
 */
export function canarySizes(options: {
  replicas: number;
  weight: number;
  hasRouter: boolean;
  /** Pods of the new version that are available. */
  available: number;
}): CanarySizes {
  const { replicas, weight, hasRouter, available } = options;
  const canary = Math.min(replicas, Math.ceil((replicas * weight) / 100));
  if (hasRouter) {
    return {
      canary,
      stable: weight === 100 && available >= replicas ? 0 : replicas,
    };
  }
  // Stable pods go as new ones come.
  return { canary, stable: replicas - Math.min(canary, available) };
}

/** World milliseconds of a pause: `30`, `"90s"`, `"5m"`, `"1h"`; undefined for one that waits for somebody. */
export function pauseMs(pause: Json): number | undefined {
  const match = /^(\d+)([smh]?)$/.exec(String(pause.duration ?? ''));
  if (!match) {
    return undefined;
  }
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, '': 1 };
  return Number(match[1]) * units[match[2]] * 1000;
}

/** A step as events name it: `setWeight: 20`. */
export function stepText(step: Json): string {
  if (step.setWeight !== undefined) {
    return `setWeight: ${step.setWeight}`;
  }
  return step.pause
    ? `pause: ${step.pause.duration ?? ''}`.trim()
    : Object.keys(step)[0];
}
