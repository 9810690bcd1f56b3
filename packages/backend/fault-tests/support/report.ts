import fs from 'node:fs';
import path from 'node:path';
import { keep } from '../../../../scripts/launch/paths.mjs';
import type { Deeds } from './ledger.ts';

/** One case of a suite, as it stands in the report. */
export interface Row {
  /** The step, or the part of the world, that it is about. */
  step: string;
  /** At which point. */
  point: string;
  /** What was done to it. */
  how: string;
  deeds?: Deeds;
  /** Status of the run at its end; 'not ended' where the case failed before. */
  end: string;
  /** From the fault to the run's next sign of life. */
  wentOnAfterS?: number;
  /** From the ready line of the process that was started again; below zero: before it. */
  afterReadyS?: number;
  note?: string;
}

const parts = path.join(keep, 'reports', 'faults');
const whole = path.join(keep, 'reports', 'faults.md');

const ABOUT = `Counts are read from the remotes: commits with the run's trailer by repository, syncs by \`status.history\`, runs of the migration and the schema
changes they made. 'Went on' is the time from the fault to the run's next sign of life in the database; in brackets, from the ready line of the process that was
started again (below zero: before it).`;

const HEAD = [
  'Step',
  'Point',
  'What was done',
  'Commits',
  'Syncs',
  'Migrations',
  'End',
  'Went on',
  'Note',
];

/** Prints the cases of a suite as a table, and puts it into the report of all suites. */
export function report(
  suite: string,
  title: string,
  rows: readonly Row[],
): void {
  const cells = [HEAD, ...rows.map(toCells)];
  const widths = HEAD.map((_, column) =>
    Math.max(...cells.map(row => row[column].length)),
  );
  const lines = cells.map(
    row =>
      `| ${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join(' | ')} |`,
  );
  lines.splice(
    1,
    0,
    `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`,
  );
  const text = `## ${title}\n\n${lines.join('\n')}\n`;
  console.log(`\n${text}`);
  fs.mkdirSync(parts, { recursive: true });
  fs.writeFileSync(path.join(parts, `${suite}.md`), text);
  const all = fs
    .readdirSync(parts)
    .sort()
    .map(name => fs.readFileSync(path.join(parts, name), 'utf8'));
  fs.writeFileSync(whole, `# Faults\n\n${ABOUT}\n\n${all.join('\n')}`);
}

function toCells(row: Row): string[] {
  const { deeds } = row;
  return [
    row.step,
    row.point,
    row.how,
    deeds ? join(deeds.commits) : '',
    deeds ? join(deeds.syncs) : '',
    deeds
      ? `${deeds.migrations.runs} run, ${deeds.migrations.changed} changed`
      : '',
    row.end,
    row.wentOnAfterS === undefined
      ? ''
      : `${row.wentOnAfterS.toFixed(1)} s${
          row.afterReadyS === undefined
            ? ''
            : ` (${row.afterReadyS.toFixed(1)} s)`
        }`,
    row.note ?? '',
  ];
}

function join(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name.split('-').pop()} ${count}`)
    .join(', ');
}
