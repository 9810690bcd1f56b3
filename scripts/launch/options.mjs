import path from 'node:path';
import { PlainError } from './plainError.mjs';

export const START_HELP = `npm start [-- OPTIONS]

  --config FILE    start against real systems with this config instead of the sandbox (may be repeated)
  --port N         port of the portal (7007)
  --world DIR      keep the sandbox's world and database in this folder, and go on with it next time
  --speed N        how much faster time runs in the sandbox (20)
  --clusters N     a large world besides: so many clusters more (50) …
  --apps N         … with so many Applications (10000) …
  --pods N         … and so many pods (200000) …
  --rate N         … of which so many change in a second (10)
  --replicas N     start N replicas of the backend, on the port and those after it (1)
  --no-worker      the first replica serves pages only; the others do the work`;

/** Smallest and largest value of the options of the sandbox's large world. */
const SCALE_OPTIONS = {
  '--clusters': [1, 200],
  '--apps': [1, 50_000],
  '--pods': [0, 1_000_000],
  '--rate': [0, 10_000],
};

/** @returns {{ configs: string[], port: number, world?: string, speed?: string, scale: string[], replicas: number, worker: boolean, help: boolean }} */
export function readStartOptions(args) {
  const options = {
    configs: [],
    port: 7007,
    world: undefined,
    speed: undefined,
    scale: [],
    replicas: 1,
    worker: true,
    help: false,
  };
  const rest = [...args];
  while (rest.length > 0) {
    const name = rest.shift();
    const value = () => {
      const next = rest.shift();
      if (next === undefined)
        throw new PlainError(`${name} needs a value.\n\n${START_HELP}`);
      return next;
    };
    if (name === '--config')
      options.configs.push(
        path.resolve(process.env.INIT_CWD ?? process.cwd(), value()),
      );
    else if (name === '--port')
      options.port = wholeNumber(name, value(), 1, 65535);
    else if (name === '--world')
      options.world = path.resolve(
        process.env.INIT_CWD ?? process.cwd(),
        value(),
      );
    else if (name === '--speed')
      options.speed = String(wholeNumber(name, value(), 1, 1000));
    else if (name in SCALE_OPTIONS)
      options.scale.push(
        name,
        String(wholeNumber(name, value(), ...SCALE_OPTIONS[name])),
      );
    else if (name === '--replicas')
      options.replicas = wholeNumber(name, value(), 1, 4);
    else if (name === '--no-worker') options.worker = false;
    else if (name === '--help' || name === '-h') options.help = true;
    else throw new PlainError(`'${name}' is not an option.\n\n${START_HELP}`);
  }
  return options;
}

function wholeNumber(name, text, from, to) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < from || number > to)
    throw new PlainError(
      `${name} takes a whole number from ${from} to ${to}, not '${text}'.`,
    );
  return number;
}
