import { ProgramContext, PROGRAMS, RunningProgram } from './Program';

const PROMPT = '/app $ ';
const NOT_FOUND = 127;
const INTERRUPTED = 130;

/**
 * A small `sh`: words, quotes, `$NAME`, `;` and `&&`, and the programs of the world's images. With a terminal it prompts, echoes what is typed and
 * knows backspace, Ctrl-C and Ctrl-D; without, it reads lines.
 */
export class PretendShell {
  readonly #context: ProgramContext;
  readonly #isTerminal: boolean;
  readonly #exit: (code: number) => void;
  #line = '';
  /** Lines that were typed while a program ran. */
  readonly #waiting: string[] = [];
  #running: RunningProgram | undefined;
  #isBusy = false;
  #inputEnded = false;
  #lastCode = 0;
  #hasExited = false;

  static create(options: {
    context: ProgramContext;
    isTerminal: boolean;
    exit(code: number): void;
  }): PretendShell {
    return new PretendShell(options);
  }

  private constructor(options: {
    context: ProgramContext;
    isTerminal: boolean;
    exit(code: number): void;
  }) {
    this.#context = options.context;
    this.#isTerminal = options.isTerminal;
    this.#exit = options.exit;
  }

  /** Begins to read from its input. */
  interact(): void {
    this.#prompt();
  }

  /** Runs a script and ends: `sh -c`. */
  runScript(script: string): void {
    this.#inputEnded = true;
    this.#runLine(script);
  }

  input(text: string): void {
    for (const character of text) {
      if (this.#isTerminal) {
        this.#typed(character);
      } else {
        this.#read(character);
      }
    }
  }

  endInput(): void {
    this.#inputEnded = true;
    if (this.#line) {
      this.#enter();
    }
    if (!this.#isBusy) {
      this.#leave(this.#lastCode);
    }
  }

  stop(): void {
    this.#hasExited = true;
    this.#running?.stop();
  }

  #typed(character: string): void {
    const { out } = this.#context;
    switch (character) {
      case '\r':
      case '\n':
        out('\n');
        this.#enter();
        return;
      case '\u007f':
      case '\b':
        if (this.#line) {
          this.#line = this.#line.slice(0, -1);
          out('\b \b');
        }
        return;
      case '\u0003':
        out('^C\n');
        this.#line = '';
        this.#interrupt();
        return;
      case '\u0004':
        if (!this.#line && !this.#isBusy) {
          out('\n');
          this.#leave(this.#lastCode);
        }
        return;
      default:
        this.#line += character;
        out(character);
    }
  }

  #read(character: string): void {
    if (character === '\n') {
      this.#enter();
    } else {
      this.#line += character;
    }
  }

  #enter(): void {
    const line = this.#line;
    this.#line = '';
    if (this.#isBusy) {
      this.#waiting.push(line);
    } else {
      this.#runLine(line);
    }
  }

  #interrupt(): void {
    if (!this.#isBusy) {
      this.#prompt();
      return;
    }
    this.#running?.stop();
    this.#waiting.length = 0;
    this.#finished(INTERRUPTED);
  }

  #runLine(line: string): void {
    this.#isBusy = true;
    this.#runCommands(splitCommands(line));
  }

  #runCommands(commands: Command[]): void {
    const [command, ...rest] = commands;
    if (!command || this.#hasExited) {
      this.#finished(this.#lastCode);
      return;
    }
    if (command.onlyAfterSuccess && this.#lastCode !== 0) {
      this.#runCommands(rest);
      return;
    }
    const [name, ...args] = command.words.map(word => this.#expand(word));
    if (name === 'exit') {
      this.#leave(args[0] === undefined ? this.#lastCode : Number(args[0]));
      return;
    }
    let hasEnded = false;
    const ended = (code: number) => {
      hasEnded = true;
      this.#running = undefined;
      this.#lastCode = code;
      this.#runCommands(rest);
    };
    const program = PROGRAMS[name.replace(/^\/(usr\/)?bin\//, '')];
    if (!program) {
      this.#context.error(`sh: ${name}: not found\n`);
      ended(NOT_FOUND);
      return;
    }
    const running = program(args, this.#context, ended);
    if (running && !hasEnded) {
      this.#running = running;
    }
  }

  #finished(code: number): void {
    this.#running = undefined;
    this.#lastCode = code;
    this.#isBusy = false;
    if (this.#hasExited) {
      return;
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#runLine(next);
    } else if (this.#inputEnded) {
      this.#leave(code);
    } else {
      this.#prompt();
    }
  }

  #expand(word: string): string {
    return word.replace(/\$(\?|\w+)/g, (_, name: string) =>
      name === '?'
        ? String(this.#lastCode)
        : this.#context.environment[name] ?? '',
    );
  }

  #prompt(): void {
    if (this.#isTerminal && !this.#hasExited) {
      this.#context.out(PROMPT);
    }
  }

  #leave(code: number): void {
    if (!this.#hasExited) {
      this.#hasExited = true;
      this.#exit(code);
    }
  }
}

interface Command {
  words: string[];
  onlyAfterSuccess: boolean;
}

function splitCommands(line: string): Command[] {
  return line
    .split(/(;|&&|\n)/)
    .reduce<Command[]>((commands, part, index, parts) => {
      const words = [...part.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
        match => match[1] ?? match[2] ?? match[3],
      );
      return index % 2 === 1 || words.length === 0
        ? commands
        : [...commands, { words, onlyAfterSuccess: parts[index - 1] === '&&' }];
    }, []);
}
