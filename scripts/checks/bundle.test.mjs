// What the cards add to an entity page, as it comes over the network: what people open only sometimes is loaded when they open it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../launch/paths.mjs';

const LIMIT_BYTES = 120_000;
const PLUGINS = ['plugins/deploys', 'plugins/runs'];
/** What every portal has loaded before it shows an entity. */
const OF_THE_PORTAL =
  /^(react|react-dom|react-router|react-router-dom|react-use|luxon|@backstage\/.*|@material-ui\/(core|lab|styles))(\/|$)/;
/** Libraries of logs, terminals, differences and charts, and our own parts that show them. */
const LOADED_WHEN_OPENED =
  /node_modules\/(@xterm|diff|recharts|react-diff-viewer[^/]*|@uiw|codemirror)\/|plugins\/deploys\/src\/components\/(LogsDrawer\/(LogsView|LogLines)|Terminal\/(TerminalDrawer|TerminalScreen|CommandDialog)|DeploymentDetails\/)/;

/** The components of cards and tabs of entity pages, as the plugins name them. */
function cardsOf(plugin) {
  const folder = path.join(root, plugin, 'src', 'alpha');
  const text = fs.readFileSync(path.join(folder, 'plugin.tsx'), 'utf8');
  return Array.from(
    text.matchAll(/import\('(\.\.\/components\/\w+(?:Card|Content))'\)/g),
    ([, module]) => path.join(folder, module),
  );
}

async function bundle(modules) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: modules
        .map((name, i) => `export * as m${i} from ${JSON.stringify(name)};`)
        .join('\n'),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    minify: true,
    splitting: true,
    format: 'esm',
    outdir: path.join(root, 'dist'),
    metafile: true,
    jsx: 'automatic',
    loader: { '.css': 'empty', '.svg': 'dataurl' },
    absWorkingDir: root,
    plugins: [
      {
        name: 'of-the-portal',
        setup(builder) {
          builder.onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
            OF_THE_PORTAL.test(name) ? { path: name, external: true } : null,
          );
        },
      },
    ],
  });
  // What is loaded at once: the entry, and all that it imports other than by import().
  const loaded = new Set();
  const load = name => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const { path: other, kind, external } of metafile.outputs[name]
      .imports)
      if (!external && kind === 'import-statement') load(other);
  };
  const [entry] = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint === '<stdin>',
  );
  load(entry);
  return {
    bytes: outputFiles
      .filter(file => loaded.has(path.relative(root, file.path)))
      .reduce((sum, file) => sum + zlib.gzipSync(file.contents).length, 0),
    sources: [...loaded].flatMap(name =>
      Object.keys(metafile.outputs[name].inputs),
    ),
  };
}

test('the cards add little to an entity page', async () => {
  const cards = PLUGINS.flatMap(cardsOf);
  assert.ok(cards.length >= 4, `only ${cards.length} cards were found`);
  const { bytes, sources } = await bundle([
    ...PLUGINS.map(plugin => path.join(root, plugin, 'src/alpha/plugin.tsx')),
    ...cards,
  ]);
  assert.deepEqual(
    sources.filter(source => LOADED_WHEN_OPENED.test(source)),
    [],
  );
  assert.ok(
    bytes <= LIMIT_BYTES,
    `the cards add ${bytes} bytes gzipped, more than ${LIMIT_BYTES}`,
  );
  console.log(
    `${cards.length} cards add ${(bytes / 1000).toFixed(1)} kB gzipped`,
  );
});

test('what is loaded at once is told from what is loaded later', async () => {
  const { bytes, sources } = await bundle(['@xterm/xterm']);
  assert.ok(bytes > 50_000);
  assert.ok(sources.some(source => LOADED_WHEN_OPENED.test(source)));
});
