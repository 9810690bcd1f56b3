// Who may depend on whom: docs/architecture.md, 'Direction'.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listPackages } from './packages.mjs';

const packages = listPackages();
const byName = new Map(packages.map(entry => [entry.manifest.name, entry]));
const short = name => byName.get(name).folder.split('/')[1];

/** Edges of what is shipped: development dependencies do not count. */
const edges = new Map(
  packages.map(({ manifest }) => [
    manifest.name,
    Object.keys(manifest.dependencies ?? {}).filter(name => byName.has(name)),
  ]),
);

const isPortal = name => ['app', 'backend'].includes(name);
const familyOf = name =>
  /^(runs|deploys|cutover|env-ownership|preflight)(?=-|$)/.exec(name)?.[1];

/** Rules on a single edge; each says why an edge is forbidden, or nothing. */
const rules = [
  (from, to) =>
    from.startsWith('runs') &&
    !from.includes('-module-') &&
    familyOf(to) !== 'runs'
      ? 'runs-* knows no domain and not the fleet'
      : undefined,
  (from, to) =>
    ['fleet-node', 'preflight-rules'].includes(from)
      ? `${from} imports no package of the project (found ${to})`
      : undefined,
  (from, to) =>
    to === 'sandbox' && from !== 'contract-worlds'
      ? 'the sandbox is a development dependency only'
      : undefined,
  (from, to) =>
    to === 'contract-worlds'
      ? 'the worlds of contract tests are a development dependency only'
      : undefined,
  (from, to) =>
    from.endsWith('-common') && !to.endsWith('-common')
      ? '-common depends on -common only'
      : undefined,
  (from, to) =>
    /-backend$/.test(to) ? 'no package imports a backend' : undefined,
  (from, to) =>
    to.includes('-backend-module-') ? 'no package imports a module' : undefined,
  (from, to) => {
    const role = name =>
      packages.find(entry => entry.folder.endsWith(`/${name}`)).manifest
        .backstage.role;
    const front = ['frontend-plugin', 'web-library'];
    if (
      front.includes(role(from)) &&
      !front.includes(role(to)) &&
      role(to) !== 'common-library'
    )
      return 'front ends import front ends and -common';
    if (!front.includes(role(from)) && front.includes(role(to)))
      return 'only front ends import front ends';
    return undefined;
  },
  (from, to) =>
    familyOf(from) !== familyOf(to) &&
    familyOf(to) &&
    !/-(common|react|node)$/.test(to)
      ? 'domains use each other through -common, -react and -node'
      : undefined,
];

test('no package depends on one it must not know', () => {
  const wrong = [];
  for (const [name, targets] of edges) {
    if (isPortal(name)) continue;
    for (const target of targets) {
      for (const rule of rules) {
        const why = rule(short(name), short(target));
        if (why) wrong.push(`${short(name)} → ${short(target)}: ${why}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('the rules do forbid something', () => {
  const forbidden = [
    ['runs-backend', 'deploys-common'],
    ['runs-node', 'fleet-node'],
    ['fleet-node', 'runs-common'],
    ['deploys-backend', 'sandbox'],
    ['deploys-backend', 'contract-worlds'],
    ['runs', 'runs-backend'],
    ['deploys', 'runs'],
    ['runs-common', 'runs-node'],
  ];
  for (const [from, to] of forbidden) {
    assert.ok(
      rules.some(rule => rule(from, to)),
      `${from} → ${to} should be forbidden`,
    );
  }
});

test('the graph has no cycle', () => {
  const state = new Map();
  const visit = (name, path) => {
    if (state.get(name) === 'done') return;
    assert.ok(!path.includes(name), `cycle: ${[...path, name].join(' → ')}`);
    for (const target of edges.get(name)) visit(target, [...path, name]);
    state.set(name, 'done');
  };
  for (const name of edges.keys()) visit(name, []);
});

test('every published package says who it is', () => {
  for (const { folder, manifest } of packages) {
    if (manifest.private) continue;
    assert.match(manifest.name, /^@switchyard\//, folder);
    assert.equal(manifest.license, 'Apache-2.0', folder);
    assert.ok(manifest.description, `${folder} has no description`);
    assert.ok(manifest.backstage.role, `${folder} has no role`);
    assert.ok(
      manifest.files.includes('dist'),
      `${folder} does not publish dist`,
    );
    if (manifest.configSchema)
      assert.ok(
        manifest.files.includes('config.d.ts'),
        `${folder} does not publish config.d.ts`,
      );
  }
});
