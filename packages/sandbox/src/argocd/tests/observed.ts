import { request } from 'node:http';
import { ApplicationChange } from '../ApplicationStore';
import { Application, OperationState } from '../types';
import { TestArgocd } from './startTestArgocd';

export const UNKNOWN_SHA = '0123456789012345678901234567890123456789';
export const SYNC = '/api/v1/applications/manual/sync';

/** The Argo CD that the test at hand talks to. */
export const world = {} as { argocd: TestArgocd };

/** All states that an Application goes through from now on, as its stream would show them. */
export function record(name: string): Application[] {
  const states: Application[] = [];
  world.argocd.argocd.applications.subscribe(
    ({ application }: ApplicationChange) => {
      if (application.metadata.name === name) {
        states.push(application);
      }
    },
  );
  return states;
}

export function finished({ operation, status }: Application): boolean {
  return !operation && status.operationState?.finishedAt !== undefined;
}

export function settled(application: Application): boolean {
  return (
    finished(application) &&
    application.status.sync.status === 'Synced' &&
    application.status.health.status === 'Healthy'
  );
}

export function stateOf(application: Application): OperationState {
  return application.status.operationState!;
}

async function start(): Promise<void> {
  world.argocd = await TestArgocd.start({ speed: 200 });
  await world.argocd.settle();
}

async function stop(): Promise<void> {
  await world.argocd.stop();
  expect(world.argocd.errors).toEqual([]);
}

/** For tests that leave Argo CD as it was: one for all of them. */
export function shared(): void {
  beforeAll(start);
  afterEach(() => world.argocd.board.clear());
  afterAll(stop);
}

/** An Argo CD for each test. */
export function own(): void {
  beforeEach(start);
  afterEach(stop);
}

export interface OpenStream {
  headers: Record<string, string | string[] | undefined>;
  lines(): string[];
  until(predicate: () => unknown): Promise<void>;
  ended: boolean;
  end(): void;
}

export async function openStream(
  query: string,
  headers: Record<string, string> = {},
  take?: (chunk: Buffer) => void,
  options: { path?: string; token?: string } = {},
): Promise<OpenStream> {
  let text = '';
  let end: () => void = () => undefined;
  const stream: OpenStream = {
    headers: {},
    lines: () => text.split('\n').filter(Boolean),
    ended: false,
    end: () => end(),
    until: async predicate => {
      const latest = Date.now() + 5_000;
      while (!predicate()) {
        if (Date.now() > latest) {
          throw new Error(`The stream did not get there: ${text}`);
        }
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    },
  };
  const call = request(
    `${world.argocd.argocd.listener.url}${
      options.path ?? '/api/v1/stream/applications'
    }${query}`,
    {
      headers: {
        Authorization: `Bearer ${options.token ?? world.argocd.token}`,
        ...headers,
      },
      agent: false,
    },
    response => {
      stream.headers = response.headers;
      response.on('data', chunk => (take ? take(chunk) : (text += chunk)));
      response.on('close', () => (stream.ended = true));
      response.on('error', () => undefined);
    },
  );
  end = () => call.destroy();
  call.on('error', () => (stream.ended = true));
  call.end();
  return stream;
}
