// What clusters and Argo CD are asked for when one person looks at an entity and at the fleet, when ten do, and when fifty do: with everything that
// opens on a card.
import { tokenOf } from '../../../scripts/launch/token.mjs';
import { startPortal, until } from '../../../scripts/testing/portal.mjs';
import { type Figure, report } from './report.ts';
import { upstreamRequests } from './upstreamRequests.ts';

const VIEWERS = [1, 10, 50];
const PEOPLE = ['dana', 'omar', 'ravi', 'inge', 'pia'];
const ENTITY = 'entities/component/default/orders';
/** Of each number of viewers: all look twice, longer apart than any answer is kept. */
const ROUNDS = 2;
const ROUND_MS = 20_000;
/** A heartbeat, the end of a watch or Argo CD's list may fall into one window and not into the other. */
const BY_CHANCE = 5;

const portal = await startPortal();
const figures: Figure[] = [];
try {
  const tokens: string[] = [];
  for (const person of PEOPLE) tokens.push(await tokenOf(portal.url, person));
  const get = async (token: string, path: string) => {
    const response = await fetch(`${portal.url}/api/deploys/v1/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await response.text();
    return { status: response.status, text };
  };
  const state = await until(async () => {
    const { status, text } = await get(tokens[3], `${ENTITY}/state`);
    const read = status === 200 && JSON.parse(text);
    return read?.deployments?.some((each: any) => each.application) && read;
  });
  const calls = callsOf(state);
  // Whatever is refused asks nobody: then nothing would be measured.
  for (const path of calls) {
    const { status, text } = await get(tokens[3], path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  }

  const idle = await requestsWhile(ROUNDS * ROUND_MS, async () => {});
  figures.push({ name: 'requests while nobody looks', value: idle, unit: '' });
  const counts: number[] = [];
  for (const viewers of VIEWERS) {
    let answers = 0;
    const requests = await requestsWhile(ROUNDS * ROUND_MS, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const end = Date.now() + ROUND_MS;
        for (const path of calls) {
          const answered = await Promise.all(
            Array.from({ length: viewers }, (_, index) =>
              get(tokens[index % tokens.length], path),
            ),
          );
          answers += answered.filter(({ status }) => status === 200).length;
        }
        await pause(Math.max(0, end - Date.now()));
      }
    });
    counts.push(requests);
    figures.push(
      {
        name: `requests, ${viewers} viewers`,
        value: requests,
        unit: '',
      },
      { name: `answers that they got`, value: answers, unit: '' },
    );
  }
  figures.push({
    name: '… more for the most viewers',
    value: counts[2] - counts[0],
    unit: '',
    target: BY_CHANCE,
  });
} finally {
  await portal.stop();
}
report(figures, ['… more for the most viewers']);

/** All that the pages ask for, as far as others are asked for it. */
function callsOf(state: any): string[] {
  const deployment = state.deployments.find((each: any) => each.application);
  const id = encodeURIComponent(deployment.id);
  const workload = deployment.workloads.find(
    ({ pods }: any) => pods.length > 0,
  );
  const { cluster, namespace } = deployment;
  const pod = workload.pods[0].name;
  return [
    `${ENTITY}/state`,
    ...['details', 'history', 'windows', 'tree', 'diff'].map(
      what => `${ENTITY}/deployments/${id}/${what}`,
    ),
    `${ENTITY}/metrics`,
    `${ENTITY}/pods/${cluster}/${namespace}/${pod}/events`,
    'fleet',
    'fleet-view',
    'fleet-search?q=orders',
  ];
}

async function requestsWhile(
  ms: number,
  work: () => Promise<void>,
): Promise<number> {
  const before = await upstreamRequests(portal);
  const end = Date.now() + ms;
  await work();
  await pause(Math.max(0, end - Date.now()));
  return (await upstreamRequests(portal)) - before;
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
