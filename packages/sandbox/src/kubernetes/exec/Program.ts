/** What a program that was started in a container can do to the outside. */
export interface ProgramContext {
  environment: Readonly<Record<string, string>>;
  hostname: string;
  /** Runs a callback after a time of the world. Returns the way to cancel it. */
  schedule(delayMs: number, callback: () => void): () => void;
  out(text: string): void;
  error(text: string): void;
  /** Size of the terminal; undefined where there is none. */
  size(): { columns: number; rows: number } | undefined;
}

/** A program that was started: it ends by itself with a code, or is stopped. */
export interface RunningProgram {
  stop(): void;
}

type Program = (
  args: readonly string[],
  context: ProgramContext,
  exit: (code: number) => void,
) => RunningProgram | void;

const FILES: Readonly<Record<string, (context: ProgramContext) => string>> = {
  '/etc/hostname': ({ hostname }) => `${hostname}\n`,
  '/etc/os-release': () => 'NAME="Switchyard sandbox"\nID=sandbox\n',
};
const DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  '/': ['app', 'bin', 'etc', 'proc', 'tmp', 'usr', 'var'],
  '/app': ['dist', 'node_modules', 'package.json'],
  '/etc': ['hostname', 'os-release'],
  '/tmp': [],
};
const WORKING_DIRECTORY = '/app';

/** What the images of the world have in their PATH. There is no bash, as in small images. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  true: (_, __, exit) => exit(0),
  false: (_, __, exit) => exit(1),
  echo: (args, { out }, exit) => {
    out(`${args.join(' ')}\n`);
    exit(0);
  },
  hostname: (_, { out, hostname }, exit) => {
    out(`${hostname}\n`);
    exit(0);
  },
  pwd: (_, { out }, exit) => {
    out(`${WORKING_DIRECTORY}\n`);
    exit(0);
  },
  env: (_, { out, environment }, exit) => {
    for (const [name, value] of Object.entries(environment)) {
      out(`${name}=${value}\n`);
    }
    exit(0);
  },
  ls: (args, { out, error }, exit) => {
    const path = args.find(arg => !arg.startsWith('-')) ?? WORKING_DIRECTORY;
    const names = DIRECTORIES[path];
    if (!names) {
      error(`ls: ${path}: No such file or directory\n`);
      exit(1);
      return;
    }
    out(names.map(name => `${name}\n`).join(''));
    exit(0);
  },
  cat: (args, context, exit) => {
    let code = 0;
    for (const path of args) {
      const file = FILES[path];
      if (file) {
        context.out(file(context));
      } else {
        context.error(`cat: can't open '${path}': No such file or directory\n`);
        code = 1;
      }
    }
    exit(code);
  },
  seq: (args, { out }, exit) => {
    const last = Number(args[args.length - 1]);
    const first = args.length > 1 ? Number(args[0]) : 1;
    let text = '';
    for (let number = first; number <= last; number += 1) {
      text += `${number}\n`;
    }
    out(text);
    exit(0);
  },
  sleep: (args, { schedule }, exit) => {
    const cancel = schedule(Number(args[0]) * 1000, () => exit(0));
    return { stop: cancel };
  },
  stty: (args, { out, error, size }, exit) => {
    const known = size();
    if (args[0] !== 'size' || !known) {
      error('stty: standard input: Not a tty\n');
      exit(1);
      return;
    }
    out(`${known.rows} ${known.columns}\n`);
    exit(0);
  },
};
