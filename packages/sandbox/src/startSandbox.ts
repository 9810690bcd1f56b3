import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addGitFaults } from './faults/gitFaults';
import { addRegistryFaults } from './faults/registryFaults';
import { countCommits } from './faults/counts';
import { FaultBoard } from './faults/FaultBoard';
import { startFaultsServer } from './faults/faultsServer';
import { openRepositories, startGitServer } from './git';
import { SandboxHandle, SandboxOptions } from './handle';
import { Listener } from './http/listen';
import { UnimplementedVerbs } from './http/UnimplementedVerbs';
import { startRegistryServer, worldImages } from './registry';
import { writeCatalog } from './writeCatalog';
import { readJson, worldSecret, writeWhole } from './worldFile';

// Catalog and repositories are read from the sources: the sandbox is never built.
const PACKAGE = dirname(require.resolve('@switchyard/sandbox/package.json'));
const DEFAULT_SEED = 1;
const DEFAULT_SPEED = 20;

/** What a world's folder remembers of how it was made. */
interface WorldFile {
  seed: number;
  ports: {
    registry: number;
    git: number;
    argocd: number;
    faults: number;
    kubernetes: number[];
  };
}

/**
 * Starts the sandbox's world, or continues the one that lies in the folder. It is ready when this resolves: everything listens, pods run.
 *
 * @throws an error with one clear sentence when a port that the world had before is taken, or git is missing
 * @public
 */
export async function startSandbox(
  options: SandboxOptions,
): Promise<SandboxHandle> {
  await mkdir(options.dir, { recursive: true });
  const dir = await realpath(options.dir);
  const worldFile = join(dir, 'sandbox.json');
  const known = await readJson<WorldFile>(worldFile);
  const seed = known?.seed ?? options.seed ?? DEFAULT_SEED;
  const ports = {
    registry: 0,
    git: 0,
    argocd: 0,
    faults: 0,
    kubernetes: [],
    ...known?.ports,
    ...options.ports,
  };
  const listeners: Listener[] = [];
  const started = async (listener: Promise<Listener>) => {
    listeners.push(await listener);
    return listeners[listeners.length - 1];
  };
  try {
    const board = FaultBoard.create();
    const unimplemented = UnimplementedVerbs.create();
    let speed = options.speed ?? DEFAULT_SPEED;

    const registryAccess = {
      username: 'portal',
      password: worldSecret(seed, 'registry'),
    };
    const catalog = worldImages();
    const registryFaults = addRegistryFaults(board);
    const registry = await started(
      startRegistryServer({
        port: ports.registry,
        catalog,
        ...registryAccess,
        faults: registryFaults,
        unimplemented,
      }),
    );
    const { location, people } = await writeCatalog({
      sources: join(PACKAGE, 'catalog'),
      directory: join(dir, 'catalog'),
      registryHost: registry.host,
    });

    const repositories = await openRepositories({
      sources: join(PACKAGE, 'repositories'),
      directory: join(dir, 'git'),
      registryHost: registry.host,
    });
    const bare = new Map(
      [...repositories].map(([name, { repository }]) => [name, repository]),
    );
    const gitAccess = {
      username: 'switchyard',
      token: worldSecret(seed, 'git'),
    };
    const git = await started(
      startGitServer({
        port: ports.git,
        repositories: bare,
        ...gitAccess,
        faults: addGitFaults(board, bare),
        unimplemented,
      }),
    );

    const faults = await started(
      startFaultsServer({
        port: ports.faults,
        board,
        unimplemented,
        speed: { get: () => speed, set: value => (speed = value) },
        counts: async () => ({
          repositories: await countCommits(repositories),
          applications: {},
          migrations: {},
          unimplemented: unimplemented.counts(),
        }),
      }),
    );
    await writeWhole(
      worldFile,
      JSON.stringify({
        seed,
        ports: {
          registry: registry.port,
          git: git.port,
          argocd: ports.argocd,
          faults: faults.port,
          kubernetes: ports.kubernetes,
        },
      }),
    );
    return {
      clusters: [],
      argocd: {
        instance: 'main',
        url: '',
        token: '',
        username: '',
        password: '',
        limited: { username: '', password: '', token: '' },
      },
      git: {
        url: git.url,
        ...gitAccess,
        repositories: [...repositories.keys()],
      },
      registry: { host: registry.host, url: registry.url, ...registryAccess },
      faults: { url: faults.url },
      people,
      catalog: location,
      dir,
      close: async () => {
        await Promise.all(listeners.map(listener => listener.close()));
      },
    };
  } catch (error) {
    await Promise.all(listeners.map(listener => listener.close()));
    throw error;
  }
}
