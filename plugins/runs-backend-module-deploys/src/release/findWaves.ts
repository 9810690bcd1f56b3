/** A service, and the services that must be there before it. */
export interface Ordered {
  id: string;
  /** Ids, also of what is not shipped. */
  dependsOn: readonly string[];
}

/** In which order services are shipped, or which of them wait for each other. */
export type Waves = { waves: string[][] } | { cycle: string[] };

/**
 * Puts services into waves: each comes after all that it depends on, and as early as that allows. What is not shipped keeps nobody waiting. Within a wave
 * they stand by name.
 */
export function findWaves(services: readonly Ordered[]): Waves {
  const ids = new Set(services.map(({ id }) => id));
  const waves: string[][] = [];
  let left = services.map(({ id, dependsOn }) => ({
    id,
    needs: dependsOn.filter(other => ids.has(other) && other !== id),
  }));
  while (left.length > 0) {
    const open = new Set(left.map(({ id }) => id));
    const wave = left
      .filter(({ needs }) => !needs.some(id => open.has(id)))
      .map(({ id }) => id);
    if (wave.length === 0) return { cycle: findCycle(left, open) };
    waves.push(wave.sort());
    left = left.filter(({ id }) => !wave.includes(id));
  }
  return { waves };
}

/** All of them need another of them: whoever follows the needs comes round. */
function findCycle(
  services: ReadonlyArray<{ id: string; needs: string[] }>,
  open: ReadonlySet<string>,
): string[] {
  const needsOf = new Map(
    services.map(({ id, needs }) => [id, needs.filter(each => open.has(each))]),
  );
  const path: string[] = [];
  let at = services[0].id;
  while (!path.includes(at)) {
    path.push(at);
    at = needsOf.get(at)![0];
  }
  return [...path.slice(path.indexOf(at)), at];
}
