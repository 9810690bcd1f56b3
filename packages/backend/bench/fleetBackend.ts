// A backend for the bench of the fleet: what a portal has for the state of entities, and an address that tells what only its process can know.
import fs from 'node:fs';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { fleetServiceRef } from '@switchyard/fleet-node';
import express from 'express';
import { percentile } from './report.ts';

/** Versions of the large world are microseconds since the epoch. */
const VERSION_PER_MS = 1000;

const profileFile = process.env.SWITCHYARD_BENCH_PROFILE;
const profiler = new Session();

async function startProfile() {
  if (!profileFile) return;
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.start');
}

async function writeProfile() {
  if (!profileFile) return;
  const { profile } = await profiler.post('Profiler.stop');
  fs.writeFileSync(profileFile, JSON.stringify(profile));
}

const measurements = createBackendPlugin({
  pluginId: 'bench',
  register(env) {
    env.registerInit({
      deps: { fleet: fleetServiceRef, httpRouter: coreServices.httpRouter },
      async init({ fleet, httpRouter }) {
        const delay = monitorEventLoopDelay({ resolution: 1 });
        let lags: number[] = [];
        let stop = () => {};
        // Counted as they come: to ask for the rows of all would hold up what is measured.
        const pods = new Set<string>();
        const stopCounting = fleet.subscribe(change => {
          if (change.type === 'object' && change.kind === 'Pod')
            pods.add(change.row.uid);
        });
        const router = express.Router();
        router.get('/memory', (_, response) => {
          // Twice: the first collection frees what the second finds unreachable.
          global.gc!();
          global.gc!();
          const { heapUsed, external, rss } = process.memoryUsage();
          response.json({ held: heapUsed + external, heapUsed, external, rss });
        });
        router.get('/sync', (_, response) => {
          const clusters = fleet.clusters();
          response.json({
            live: clusters.filter(({ state }) => state === 'live').length,
            applications: fleet
              .argoInstances()
              .reduce((sum, { applications }) => sum + applications, 0),
            pods: pods.size,
            uptimeMs: performance.now(),
          });
        });
        router.post('/measurement', async (_, response) => {
          await startProfile();
          lags = [];
          stop();
          stopCounting();
          pods.clear();
          stop = fleet.subscribe(change => {
            if (change.type !== 'object' || change.deleted) return;
            const version = Number(change.row.resourceVersion);
            lags.push(Date.now() - version / VERSION_PER_MS);
          });
          delay.reset();
          delay.enable();
          response.json({});
        });
        router.get('/measurement', async (_, response) => {
          stop();
          delay.disable();
          await writeProfile();
          response.json({
            changes: lags.length,
            lagP95: lags.length > 0 ? percentile(lags, 0.95) : 0,
            lagMax: Math.max(0, ...lags),
            delayP99: delay.percentile(99) / 1e6,
            delayMax: delay.max / 1e6,
          });
        });
        httpRouter.use(router);
        httpRouter.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
      },
    });
  },
});

const backend = createBackend();
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('../src/sandboxSignIn'));
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-kubernetes-backend'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(import('@switchyard/backstage-plugin-deploys-backend'));
backend.add(
  import('@switchyard/backstage-plugin-kubernetes-backend-module-fleet'),
);
backend.add(
  import('@switchyard/backstage-plugin-permission-backend-module-switchyard'),
);
backend.add(measurements);
backend.start().catch(error => {
  // eslint-disable-next-line no-console
  console.error(error);
  process.exit(1);
});
