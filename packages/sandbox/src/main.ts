import { parseArgs } from 'node:util';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtemp } from 'node:fs/promises';
import { readScaleOptions, SCALE_OPTIONS, SCALE_USAGE } from './scale/options';
import { printOwnShare } from './scale/startScaleWorld';
import { startSandbox } from './startSandbox';
import { writeWhole } from './worldFile';

const USAGE = `Usage: main.ts [--dir FOLDER] [--speed N] [--seed N] [--ready-file FILE]
  --dir         folder that keeps the world; a new one in the temporary folder when absent
  --speed       how much faster time runs in the world (20)
  --seed        the same seed gives the same world (1)
  --ready-file  gets the addresses as JSON once everything listens
${SCALE_USAGE}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      'ready-file': { type: 'string' },
      ...SCALE_OPTIONS,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  // Asked to end while it starts: end as soon as it has started, so that the world is saved.
  let end: () => void = () => undefined;
  const asked = new Promise<void>(resolve => {
    end = resolve;
  });
  process.on('SIGTERM', () => end());
  process.on('SIGINT', () => end());

  const scale = readScaleOptions(values);
  const startedAt = performance.now();
  const handle = await startSandbox({
    dir: values.dir ?? (await mkdtemp(join(tmpdir(), 'switchyard-sandbox-'))),
    speed: numberOf('--speed', values.speed),
    seed: numberOf('--seed', values.seed),
    scale,
  });
  if (values['ready-file']) {
    await writeWhole(
      values['ready-file'],
      `${JSON.stringify(handle, null, 2)}\n`,
    );
  }
  process.stdout.write(
    `The sandbox is ready after ${Math.round(
      performance.now() - startedAt,
    )} ms: faults and counts at ${handle.faults.url}\n`,
  );
  if (scale) printOwnShare();
  await asked;
  await handle.close();
}

function numberOf(
  option: string,
  text: string | undefined,
): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new Error(`${option} needs a number, not '${text}'`);
  }
  return value;
}

main().then(
  () => process.exit(0),
  error => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  },
);
