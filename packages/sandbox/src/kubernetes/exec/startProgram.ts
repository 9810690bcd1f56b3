import { ProgramContext, PROGRAMS } from './Program';
import { PretendShell } from './PretendShell';

/** A process in a container, as the container runtime holds it. */
export interface ContainerProcess {
  input(text: string): void;
  endInput(): void;
  stop(): void;
}

/**
 * Starts a command in a container.
 *
 * @returns what failed, in the words of the container runtime, where the image has no such program
 */
export function startProgram(
  command: readonly string[],
  options: {
    context: ProgramContext;
    isTerminal: boolean;
    hasInput: boolean;
    exit(code: number): void;
  },
): ContainerProcess | string {
  const { context, isTerminal, hasInput, exit } = options;
  const name = command[0].replace(/^\/(usr\/)?bin\//, '');
  if (name === 'sh') {
    const shell = PretendShell.create({ context, isTerminal, exit });
    if (command[1] === '-c') {
      shell.runScript(command[2] ?? '');
    } else if (hasInput) {
      shell.interact();
    } else {
      exit(0);
    }
    return shell;
  }
  const program = PROGRAMS[name];
  if (!program) {
    const why = command[0].startsWith('/')
      ? 'no such file or directory'
      : 'executable file not found in $PATH';
    return `OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(
      command[0],
    )}: ${why}: unknown`;
  }
  const running = program(command.slice(1), context, exit);
  return {
    input: () => {},
    endInput: () => {},
    stop: () => running?.stop(),
  };
}
