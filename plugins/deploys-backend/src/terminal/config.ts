import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { TerminalOptions } from '@switchyard/backstage-plugin-deploys-common';

const DEFAULT_IDLE_MINUTES = 10;
const DEFAULT_MAX_MINUTES = 60;
const LONGEST_MINUTES = 8 * 60;
const DEFAULT_SHELLS = ['bash', 'sh'];
const DEFAULT_TIMEOUT_SECONDS = 60;
const LONGEST_TIMEOUT_SECONDS = 600;

/** A command of the allow-list, with its patterns compiled. */
export interface AllowedCommand {
  name: string;
  description?: string;
  command: string[];
  arguments: Array<{
    name: string;
    description?: string;
    pattern: string;
    matches: RegExp;
    optional: boolean;
  }>;
  timeoutSeconds: number;
}

/** `switchyard.terminal`, and the addresses that pages of this portal have. */
export interface TerminalConfig extends Omit<TerminalOptions, 'commands'> {
  commands: AllowedCommand[];
  /** Origins from which a session may be opened. */
  origins: string[];
}

/**
 * Reads `switchyard.terminal`. Off unless it is switched on.
 *
 * @throws InputError that names the key
 */
export function readTerminalConfig(root: Config): TerminalConfig {
  const config = root.getOptionalConfig('switchyard.terminal');
  const commands = config?.getOptionalConfigArray('commands') ?? [];
  const all = commands.map((command, index) =>
    readCommand(command, `switchyard.terminal.commands[${index}]`),
  );
  const twice = all.find(
    ({ name }, index) => all.findIndex(each => each.name === name) !== index,
  );
  if (twice) {
    throw new InputError(
      `switchyard.terminal.commands: '${twice.name}' stands there twice`,
    );
  }
  const shells = config?.getOptionalStringArray('shells') ?? DEFAULT_SHELLS;
  const wrong = shells.find(shell => !/^[\w./-]+$/.test(shell));
  if (wrong !== undefined || shells.length === 0) {
    throw new InputError(
      `switchyard.terminal.shells: give names or paths of shells, such as [bash, sh]`,
    );
  }
  return {
    enabled: config?.getOptionalBoolean('enabled') ?? false,
    idleMinutes: readCount(config, 'idleMinutes', {
      normal: DEFAULT_IDLE_MINUTES,
      most: LONGEST_MINUTES,
    }),
    maxMinutes: readCount(config, 'maxMinutes', {
      normal: DEFAULT_MAX_MINUTES,
      most: LONGEST_MINUTES,
    }),
    shells,
    commands: all,
    reasonOptionalIn: config?.getOptionalStringArray('reasonOptionalIn') ?? [],
    origins: readOrigins(root),
  };
}

/** What of the config may be told to those who see the cards. */
export function describeTerminal(config: TerminalConfig): TerminalOptions {
  const { origins, commands, ...rest } = config;
  return {
    ...rest,
    commands: commands.map(({ timeoutSeconds, ...command }) => ({
      ...command,
      arguments: command.arguments.map(({ matches, ...argument }) => argument),
    })),
  };
}

/**
 * The words of a command with its arguments filled in. No shell reads them.
 *
 * @throws InputError
 */
export function buildCommand(
  config: TerminalConfig,
  intent: { command: string; arguments: Record<string, string> },
): AllowedCommand & { words: string[] } {
  const allowed = config.commands.find(({ name }) => name === intent.command);
  if (!allowed) {
    throw new InputError(`There is no command '${intent.command}' here`);
  }
  const unknown = Object.keys(intent.arguments).find(
    name => !allowed.arguments.some(argument => argument.name === name),
  );
  if (unknown !== undefined) {
    throw new InputError(
      `The command '${allowed.name}' has no argument '${unknown}'`,
    );
  }
  const words = allowed.arguments.flatMap(argument => {
    const value = Object.hasOwn(intent.arguments, argument.name)
      ? intent.arguments[argument.name]
      : '';
    if (value === '') {
      if (argument.optional) return [];
      throw new InputError(
        `The command '${allowed.name}' needs the argument '${argument.name}'`,
      );
    }
    // One that begins with a dash would be an option, whatever the pattern forgot.
    if (value.startsWith('-') || !argument.matches.test(value)) {
      throw new InputError(
        `The argument '${argument.name}' of '${allowed.name}' must match ${argument.pattern}`,
      );
    }
    return [value];
  });
  return { ...allowed, words: [...allowed.command, ...words] };
}

function readCommand(config: Config, key: string): AllowedCommand {
  const command = config.getStringArray('command');
  if (command.length === 0) {
    throw new InputError(`${key}.command is empty; give a program`);
  }
  return {
    name: config.getString('name'),
    description: config.getOptionalString('description'),
    command,
    arguments: (config.getOptionalConfigArray('arguments') ?? []).map(
      (argument, index) => {
        const pattern = argument.getString('pattern');
        return {
          name: argument.getString('name'),
          description: argument.getOptionalString('description'),
          pattern,
          matches: compile(pattern, `${key}.arguments[${index}].pattern`),
          optional: argument.getOptionalBoolean('optional') ?? false,
        };
      },
    ),
    timeoutSeconds: readCount(config, 'timeoutSeconds', {
      normal: DEFAULT_TIMEOUT_SECONDS,
      most: LONGEST_TIMEOUT_SECONDS,
    }),
  };
}

/** Anchored: a pattern that matches a part would let everything through. */
function compile(pattern: string, key: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch (error) {
    throw new InputError(`${key} is no regular expression: ${pattern}`);
  }
}

function readCount(
  config: Config | undefined,
  key: string,
  { normal, most }: { normal: number; most: number },
): number {
  const value = config?.getOptionalNumber(key) ?? normal;
  if (!(value > 0 && value <= most)) {
    throw new InputError(
      `switchyard.terminal: ${key} must be more than 0 and at most ${most}`,
    );
  }
  return value;
}

function readOrigins(root: Config): string[] {
  const cors = root.getOptional('backend.cors.origin');
  return [
    root.getOptionalString('app.baseUrl'),
    root.getOptionalString('backend.baseUrl'),
    ...(Array.isArray(cors) ? cors : [cors]),
  ].flatMap(address => {
    // Wildcards, which CORS may have, are no addresses: what opens terminals is named.
    const url = typeof address === 'string' && URL.parse(address);
    // Of other schemes the origin is 'null', which is what pages in a sandboxed frame say too.
    return url && /^https?:$/.test(url.protocol) ? [url.origin] : [];
  });
}
