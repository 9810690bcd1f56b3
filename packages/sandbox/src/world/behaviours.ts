import { parseImage } from './images';
import { fractionOf } from './Random';

/** What the world knows of a container that is about to run. */
export interface ContainerFacts {
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
  isInit: boolean;
  image: string;
  command: string[];
  args: string[];
  labels: Readonly<Record<string, string>>;
}

/** How a program behaves once it is started. Times are the world's. */
export interface ContainerBehaviour {
  /** What its log looks like. */
  style: 'web' | 'worker' | 'migration' | 'system' | 'task';
  /** Until it does its work: startup and readiness probes pass from then on. */
  startMs: number;
  /** Until it listens, and so until its liveness probe passes, if that is sooner. */
  listenMs?: number;
  /** Until it is gone after it was asked to stop. */
  shutdownMs: number;
  /** It listens and answers this to its readiness probe for ever. */
  unreadyStatus?: number;
  /** What it answers to its liveness probe, if not 200. */
  unaliveStatus?: number;
  /** It ends by itself. */
  exit?: {
    afterMs: number;
    code: number;
    signal?: number;
    lastLines: string[];
    /** It takes ever more memory until the kernel kills it. */
    isOutOfMemory?: boolean;
  };
  /** CPU that it uses, as a share of what it asks for. */
  cpuShare?: number;
  /** Requests that it answers badly, as a share of all. */
  errorShare?: number;
  /** It changes the schema of its component's database to the version of its image, unless the database is there already. */
  migration?: {
    afterMs: number;
    fails: boolean;
    component: string;
    version: string;
  };
}

export type Behaviours = (facts: ContainerFacts) => ContainerBehaviour;

const START_MS: Readonly<Record<string, number>> = {
  webapp: 180_000,
  match: 25_000,
  payments: 20_000,
  search: 18_000,
};
const USUAL_START_MS = 10_000;

/** How the versions behave that are there to be chosen by mistake, by the end of the image's tag. */
const BAD_VERSIONS: Readonly<
  Record<
    string,
    (facts: ContainerFacts, component: string) => Partial<ContainerBehaviour>
  >
> = {
  'bad-migration': () => ({}),
  crash: (_, component) => ({
    exit: { afterMs: 4_000, code: 1, lastLines: crashLines(component) },
  }),
  'never-ready': () => ({ unreadyStatus: 503 }),
  'slow-start': () => ({ startMs: 180_000, listenMs: 6_000 }),
  'bad-answers': () => ({ errorShare: 0.18 }),
  hungry: () => ({ cpuShare: 1.9 }),
  'not-alive': () => ({ unaliveStatus: 500 }),
  'out-of-memory': () => ({
    exit: { afterMs: 45_000, code: 137, lastLines: [], isOutOfMemory: true },
  }),
  segfault: () => ({
    exit: {
      afterMs: 9_000,
      code: 139,
      signal: 11,
      lastLines: ['Segmentation fault (core dumped)'],
    },
  }),
};

/** What the images of the world do when they run: by tag, repository, and command. */
export const worldBehaviours: Behaviours = facts => {
  const { repository, tag = '' } = parseImage(facts.image);
  const component =
    facts.labels['app.kubernetes.io/name'] ?? repository.split('/').pop()!;
  const words = [...facts.command, ...facts.args].flatMap(word =>
    word.split(/\s+/),
  );
  if (words.includes('migrate') || words.includes('db:migrate')) {
    return {
      style: 'migration',
      startMs: 0,
      shutdownMs: 500,
      migration: {
        afterMs: 15_000,
        fails: tag.endsWith('-bad-migration'),
        component,
        version: tag,
      },
    };
  }
  if (facts.namespace === 'kube-system') {
    return { style: 'system', startMs: 2_000, shutdownMs: 1_000 };
  }
  const shellExit = exitOfShell(facts);
  if (shellExit) {
    return { style: 'task', startMs: 0, shutdownMs: 500, exit: shellExit };
  }
  if (facts.isInit) {
    return {
      style: 'task',
      startMs: 0,
      shutdownMs: 500,
      exit: { afterMs: 3_000, code: 0, lastLines: [] },
    };
  }
  const spread = 0.85 + 0.3 * fractionOf(`${facts.cluster}/${facts.pod}`);
  const usual: ContainerBehaviour = {
    style: component.startsWith('push-') ? 'worker' : 'web',
    startMs: (START_MS[component] ?? USUAL_START_MS) * spread,
    listenMs: (START_MS[component] ?? USUAL_START_MS) * spread * 0.6,
    shutdownMs: 1_500,
  };
  return { ...usual, ...badVersion(tag)?.(facts, component) };
};

/** `v5.4.0-crash` behaves as `crash`. */
function badVersion(tag: string) {
  const end = /^v\d+\.\d+\.\d+-(.+)$/.exec(tag)?.[1];
  return end && Object.hasOwn(BAD_VERSIONS, end)
    ? BAD_VERSIONS[end]
    : undefined;
}

/** A shell that is told to sleep, fail or print does just that: what people try with `kubectl run`. */
function exitOfShell(
  facts: ContainerFacts,
): ContainerBehaviour['exit'] | undefined {
  const words = [...facts.command, ...facts.args];
  const shell = words.findIndex(word => /(^|\/)(ba)?sh$/.test(word));
  if (shell < 0 && !['echo', 'true', 'false', 'sleep'].includes(words[0])) {
    return undefined;
  }
  const script = words
    .slice(shell + 1)
    .filter(word => word !== '-c' && word !== '-ec')
    .join(' ');
  const sleeps = /\bsleep\s+(\d+|infinity)/.exec(script);
  if (sleeps?.[1] === 'infinity') {
    return undefined;
  }
  const code = Number(
    /\bexit\s+(\d+)/.exec(script)?.[1] ?? (/\bfalse\b/.test(script) ? 1 : 0),
  );
  const lastLines = [
    ...script.matchAll(/\becho\s+(?:"([^"]*)"|'([^']*)'|([^;&|]+))/g),
  ].map(match => (match[1] ?? match[2] ?? match[3]).trim());
  return { afterMs: sleeps ? Number(sleeps[1]) * 1000 : 500, code, lastLines };
}

function crashLines(component: string): string[] {
  return [
    `ERROR ${component} failed to start`,
    "TypeError: Cannot read properties of undefined (reading 'currency')",
    `    at priceBook (/app/dist/pricing/priceBook.js:48:31)`,
    `    at loadCatalogue (/app/dist/pricing/loadCatalogue.js:112:18)`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    `    at async start (/app/dist/${component}/main.js:37:3)`,
    `    at async /app/dist/${component}/main.js:81:1`,
    '',
    'Node.js v22.14.0',
  ];
}
