// The config reference is the one that the packages' config.d.ts give.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../launch/paths.mjs';
import { CONFIG_REFERENCE, describeConfig } from './configReference.mjs';

test('The config reference is up to date', async () => {
  assert.equal(
    fs.readFileSync(path.join(root, CONFIG_REFERENCE), 'utf8'),
    await describeConfig(),
    'run node scripts/checks/configReference.mjs',
  );
});
