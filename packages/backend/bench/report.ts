/** One figure of a bench, with the target it is held to. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** Largest value that is still good; undefined for figures that are only shown. */
  target?: number;
}

/** The value below which the given share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[
    Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)
  ];
}

/**
 * Prints a table, or with `--json` an array of `{name, value, unit, target, ok}`. Sets exit code 1 when a target is missed, or when a figure that
 * was to be measured is missing.
 *
 * @param expected - names of the figures that have to be there
 */
export function report(
  figures: readonly Figure[],
  expected: readonly string[] = [],
): void {
  const rows = figures.map(({ name, value, unit, target }) => ({
    name,
    value: Number(value.toFixed(value < 10 ? 2 : 1)),
    unit,
    target,
    ok: target === undefined || value <= target,
  }));
  const missing = expected.filter(
    name => !rows.some(row => row.name === name && Number.isFinite(row.value)),
  );
  if (process.argv.includes('--json')) {
    const unmeasured = missing.map(name => ({ name, value: null, ok: false }));
    console.log(JSON.stringify([...rows, ...unmeasured], null, 2));
  } else {
    const width = Math.max(
      ...[...rows.map(row => row.name), ...missing].map(name => name.length),
    );
    for (const row of rows) {
      const verdict = row.ok ? 'ok  ' : 'MISS';
      console.log(
        [
          row.target === undefined ? '    ' : verdict,
          row.name.padEnd(width),
          String(row.value).padStart(9),
          row.unit.padEnd(8),
          row.target === undefined ? '' : `target ≤ ${row.target} ${row.unit}`,
        ]
          .join(' ')
          .trimEnd(),
      );
    }
    for (const name of missing) console.log(`MISS ${name}: not measured`);
  }
  if (rows.some(row => !row.ok) || missing.length > 0) process.exitCode = 1;
}
