// The large world alone, for benches: a process of its own, so that what it costs is not counted to the portal.
import { parseArgs } from 'node:util';
import { writeWhole } from '../worldFile';
import { readScaleOptions, SCALE_OPTIONS } from './options';
import { printOwnShare, startScaleWorld } from './startScaleWorld';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SCALE_OPTIONS,
      dir: { type: 'string' },
      'ready-file': { type: 'string' },
    },
  });
  const scale = readScaleOptions(values);
  if (!scale || !values.dir || !values['ready-file']) {
    throw new Error('--dir, --ready-file and the size are needed');
  }
  const handle = await startScaleWorld({ ...scale, dir: values.dir, seed: 1 });
  printOwnShare();
  await writeWhole(values['ready-file'], JSON.stringify(handle));
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => handle.close().then(() => process.exit(0)));
  }
}

main().catch(error => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
