// The import rules of ESLint are on: a file that breaks one must not pass.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../launch/paths.mjs';

const { ESLint } = createRequire(path.join(root, 'package.json'))('eslint');

async function rulesBrokenBy(file, text) {
  const cwd = path.join(root, file.split('/').slice(0, 2).join('/'));
  const [result] = await new ESLint({ cwd }).lintText(text, {
    filePath: path.join(root, file),
  });
  return result.messages.map(message => message.ruleId);
}

const cases = [
  [
    'a front end that imports a backend',
    'plugins/runs/src/x.ts',
    "import x from '@switchyard/backstage-plugin-runs-backend';\nexport default x;\n",
    '@backstage/no-mixed-plugin-imports',
  ],
  [
    'a package that is not declared',
    'plugins/runs-common/src/x.ts',
    "import x from 'knex';\nexport default x;\n",
    '@backstage/no-undeclared-imports',
  ],
  [
    'a relative way into another package',
    'plugins/runs-backend/src/x.ts',
    "import x from '../../runs-common/src';\nexport default x;\n",
    '@backstage/no-relative-monorepo-imports',
  ],
  [
    'Material UI by its root',
    'plugins/runs/src/x.tsx',
    "import { Button } from '@material-ui/core';\nexport const x = <Button />;\n",
    '@backstage/no-top-level-material-ui-4-imports',
  ],
  [
    'a Node module in the browser',
    'plugins/runs/src/x.ts',
    "import fs from 'fs';\nexport default fs;\n",
    'no-restricted-imports',
  ],
  [
    "Argo CD's writing half outside effects",
    'plugins/runs-backend-module-deploys/src/x.ts',
    "import x from '@switchyard/fleet-node/effects';\nexport default x;\n",
    'no-restricted-imports',
  ],
  [
    'what starts processes in containers, outside what guards sessions',
    'plugins/deploys-backend/src/x.ts',
    "import x from '@switchyard/fleet-node/exec';\nexport default x;\n",
    'no-restricted-imports',
  ],
  [
    'the sandbox in what is shipped',
    'plugins/deploys-backend/src/x.ts',
    "import x from '@switchyard/sandbox';\nexport default x;\n",
    'no-restricted-imports',
  ],
];

for (const [what, file, text, rule] of cases) {
  test(`refuses ${what}`, async () => {
    const broken = await rulesBrokenBy(file, text);
    assert.ok(
      broken.includes(rule),
      `expected ${rule}, got ${broken.join(', ') || 'nothing'}`,
    );
  });
}

test("lets effects import Argo CD's writing half", async () => {
  const broken = await rulesBrokenBy(
    'plugins/runs-backend-module-deploys/src/effects/x.ts',
    "import x from '@switchyard/fleet-node/effects';\n\nexport default x;\n",
  );
  assert.ok(!broken.includes('no-restricted-imports'));
});
