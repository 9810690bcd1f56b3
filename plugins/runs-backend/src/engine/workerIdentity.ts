import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names this process so that a successor on the same machine can tell whether it is still alive: host, boot, pid namespace and pid. Two
 * containers may share a host name and count their pids apart; the namespace tells them apart.
 */
export function nameWorker(): string {
  return [neighbourhood(), process.pid, randomBytes(6).toString('hex')].join(
    '/',
  );
}

/**
 * Those of the workers that are certainly dead: they ran here, under a pid that nobody has now. Others may be silent for other reasons, and
 * are waited for until their leases end.
 */
export function findDeadNeighbours(workers: string[], self: string): string[] {
  const here = neighbourhood();
  return workers.filter(worker => {
    const [where, pid] = splitName(worker);
    if (worker === self || where !== here || !Number.isInteger(pid))
      return false;
    // A container's only process has the pid of its predecessor.
    return pid === process.pid ? !isOfThisProcess(worker) : !isAlive(pid);
  });
}

/** Workers of this process: tests run several replicas in one. */
const ownNames = new Set<string>();

/** As {@link nameWorker}, and remembers that the name belongs to this process. */
export function registerWorker(): string {
  const name = nameWorker();
  ownNames.add(name);
  return name;
}

function isOfThisProcess(worker: string): boolean {
  return ownNames.has(worker);
}

function splitName(worker: string): [where: string, pid: number] {
  const parts = worker.split('/');
  return [parts.slice(0, -2).join('/'), Number(parts.at(-2))];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // A process of another user answers EPERM: it is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Ended, but its parent has not asked for its exit code yet. */
function isZombie(pid: number): boolean {
  // `pid (name) state …`; the name may contain anything.
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

let cachedNeighbourhood: string | undefined;

function neighbourhood(): string {
  cachedNeighbourhood ??= [
    hostname(),
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    read(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')),
  ].join('/');
  return cachedNeighbourhood;
}

/** Where there is no /proc there are no pid namespaces either. */
function read(get: () => string): string {
  try {
    return get();
  } catch {
    return '-';
  }
}
