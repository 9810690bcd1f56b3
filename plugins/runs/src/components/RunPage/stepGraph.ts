import { RunStep, StepStatus } from '@switchyard/backstage-plugin-runs-common';

/** Steps that may run at the same time: none of them needs another. */
export type StepLayer = RunStep[];

/** The steps in the order of their graph: a layer needs only the layers before it. Within a layer the plan's order stays. */
export function layerSteps(steps: readonly RunStep[]): StepLayer[] {
  const depths = new Map<string, number>();
  const byId = new Map(steps.map(step => [step.id, step]));
  const depthOf = (step: RunStep, path: ReadonlySet<string>): number => {
    const known = depths.get(step.id);
    if (known !== undefined) return known;
    const needed = step.needs
      .map(id => byId.get(id))
      // A plan has no cycle; a broken one must not hang the page.
      .filter(
        (each): each is RunStep => each !== undefined && !path.has(each.id),
      );
    const depth =
      Math.max(
        -1,
        ...needed.map(each => depthOf(each, new Set([...path, step.id]))),
      ) + 1;
    depths.set(step.id, depth);
    return depth;
  };
  const layers: StepLayer[] = [];
  for (const step of steps) {
    const depth = depthOf(step, new Set([step.id]));
    (layers[depth] ??= []).push(step);
  }
  return layers.filter(layer => layer !== undefined);
}

const interest: readonly StepStatus[] = [
  'needs-attention',
  'dead',
  'failed',
  'retrying',
  'running',
];

/** The step to look at when nobody chose one: what went wrong, else what runs, else what comes next, else the last. */
export function stepOfInterest(steps: readonly RunStep[]): RunStep | undefined {
  for (const status of interest) {
    const found = steps.find(step => step.status === status);
    if (found) return found;
  }
  const ordered = layerSteps(steps).flat();
  return (
    ordered.find(step => step.status === 'pending') ??
    ordered[ordered.length - 1]
  );
}

/** Where a step lies in the time of its run, in percent. Undefined when it has not started. */
export function timeBar(
  step: Pick<RunStep, 'startedAt' | 'finishedAt'>,
  span: { from: number; to: number },
): { left: number; width: number } | undefined {
  if (!step.startedAt) return undefined;
  const length = Math.max(1, span.to - span.from);
  const percent = (at: number) =>
    Math.min(100, Math.max(0, ((at - span.from) / length) * 100));
  const left = percent(Date.parse(step.startedAt));
  const right = percent(
    step.finishedAt ? Date.parse(step.finishedAt) : span.to,
  );
  return { left, width: Math.max(0, right - left) };
}
