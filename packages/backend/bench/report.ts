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

/** Prints a table, or with `--json` an array of `{name, value, unit, target, ok}`. Sets exit code 1 when a target is missed. */
export function report(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, unit, target }) => ({
    name,
    value: Number(value.toFixed(value < 10 ? 2 : 1)),
    unit,
    target,
    ok: target === undefined || value <= target,
  }));
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(rows, null, 2));
  } else {
    const width = Math.max(...rows.map(row => row.name.length));
    for (const row of rows) {
      const target =
        row.target === undefined ? '' : `target ≤ ${row.target} ${row.unit}`;
      console.log(
        `${row.ok ? 'ok  ' : 'MISS'} ${row.name.padEnd(width)} ${String(
          row.value,
        ).padStart(9)} ${row.unit.padEnd(8)} ${target}`,
      );
    }
  }
  if (rows.some(row => !row.ok)) process.exitCode = 1;
}
