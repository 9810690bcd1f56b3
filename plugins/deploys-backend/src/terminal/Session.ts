import {
  AuditorService,
  AuditorServiceEvent,
  AuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  deploysAuditEvents,
  TERMINAL_CHANNELS,
  TerminalEndReason,
  TerminalServerMessage,
} from '@switchyard/backstage-plugin-deploys-common';
import { FleetService } from '@switchyard/fleet-node';
import { ExecEnd, Executor, ExecSession } from '@switchyard/fleet-node/exec';
import { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { StandingRight } from '../service/StandingRight';
import { authenticatePerson, Visitor } from './Door';
import { endWords } from './endWords';
import { SessionTimings } from './sessionTimings';
import { GrantedSession, TerminalService } from './TerminalService';

/** Output that waits for the browser; beyond, nothing more is read from the cluster. */
const WAITING_LIMIT_BYTES = 512 * 1024;
/** Of a command. A terminal may write as long as it lasts. */
const COMMAND_OUTPUT_BYTES = 1024 * 1024;
const FIRST_SIZE = { columns: 80, rows: 24 };
const KILLED = 137;

const side = z.number().int().min(1).max(2_000);
const clientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('resize'), columns: side, rows: side }),
  z.object({ type: z.literal('token'), token: z.string() }),
]);

interface End {
  reason: TerminalEndReason;
  message: string;
  exitCode?: number;
}

/** What all sessions share. */
export interface SessionOptions {
  auditor: AuditorService;
  auth: AuthService;
  executor: Executor;
  fleet: Pick<FleetService, 'pods' | 'subscribe'>;
  logger: LoggerService;
  terminals: TerminalService;
  timings: SessionTimings;
}

/** One browser and one process, tied together until either goes or a limit is reached. */
export class Session {
  readonly person: string;
  readonly #options: SessionOptions;
  readonly #visitor: Visitor;
  readonly #socket: WebSocket;
  readonly #ending = new AbortController();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #startedAt = performance.now();
  readonly #right = StandingRight.create({
    check: () => this.#check(),
    onLost: message => this.end('permission', { message }),
  });
  #granted: GrantedSession | undefined;
  #process: ExecSession | undefined;
  #size = FIRST_SIZE;
  #end: End | undefined;
  #credentials: Visitor['credentials'];
  #tokenTakenAt = -Infinity;
  #heard = true;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(options: SessionOptions, visitor: Visitor) {
    this.#options = options;
    this.#visitor = visitor;
    this.#socket = visitor.socket;
    this.#credentials = visitor.credentials;
    this.person = visitor.credentials.principal.userEntityRef;
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.once('close', () => this.end('left'));
    this.#socket.on('pong', () => {
      this.#heard = true;
    });
    this.#socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#heard = true;
      if (isBinary) this.#input(data as Buffer);
      else this.#command(data.toString());
    });
    this.#every('ping', options.timings.pingMs, () => this.#ping());
  }

  /** Until it has ended and that has been written down. `refusal`: why it is not even begun. */
  async run(refusal: string | undefined): Promise<void> {
    let event: AuditorServiceEvent | undefined;
    try {
      if (refusal) this.end('refused', { message: refusal });
      else {
        event = await this.#begin();
        if (event) await this.#carryOut();
      }
    } catch (error) {
      if (!this.#end) {
        this.#options.logger.error('A session failed', {
          error: String(error),
        });
        this.end('connection');
      }
    }
    this.#clear();
    try {
      await this.#writeDown(event);
    } finally {
      // Nobody else ends the socket.
      this.#sayGoodbye();
    }
  }

  /** The first end counts. */
  end(reason: TerminalEndReason, more: Partial<End> = {}): void {
    if (this.#end) return;
    const { exitCode } = more;
    const minutes =
      (reason === 'idle' ? this.#granted?.idleMs : this.#granted?.maxMs) ?? 0;
    const message =
      more.message ??
      endWords(reason, {
        pod: this.#granted?.intent.pod ?? '',
        minutes: minutes / 60_000,
        exitCode,
      });
    this.#end = {
      reason,
      message,
      ...(exitCode !== undefined && { exitCode }),
    };
    this.#ending.abort();
  }

  async #begin(): Promise<AuditorServiceEvent | undefined> {
    const { auditor, terminals } = this.#options;
    const options = {
      credentials: this.#credentials,
      signal: this.#ending.signal,
    };
    try {
      this.#granted = await terminals.redeem(this.#visitor.ticket, options);
    } catch (error) {
      this.end('refused', { message: toError(error).message });
      const event = await auditor.createEvent({
        eventId: deploysAuditEvents.terminalSession,
        severityLevel: 'medium',
        meta: { user: this.person },
      });
      await event.fail({ error: toError(error) });
      return undefined;
    }
    const { intent, commands, isTerminal } = this.#granted;
    return auditor.createEvent({
      eventId: isTerminal
        ? deploysAuditEvents.terminalSession
        : deploysAuditEvents.commandRun,
      severityLevel: 'high',
      meta: {
        user: this.person,
        entityRef: intent.entityRef,
        environment: intent.environment,
        cluster: intent.cluster,
        namespace: intent.namespace,
        pod: intent.pod,
        container: intent.container,
        ...(intent.reason && { reason: intent.reason }),
        ...(!isTerminal && { command: commands[0] }),
      },
    });
  }

  async #carryOut(): Promise<void> {
    const { commands, maxMs, intent } = this.#granted!;
    const { fleet, timings } = this.#options;
    if (this.#end) return;
    this.#after('max', maxMs, () => this.end('time-limit'));
    this.#every('recheck', timings.recheckMs, () => this.#right.ask());
    this.#watchIdle();
    this.#watchToken();
    const unsubscribe = fleet.subscribe(change => {
      if (
        change.type === 'object' &&
        change.deleted &&
        change.kind === 'Pod' &&
        change.row.uid === intent.podUid
      ) {
        this.end('pod-gone');
      }
    });
    try {
      for (const [index, command] of commands.entries()) {
        const isLast = index === commands.length - 1;
        const end = await this.#start(command);
        if (this.#end) return;
        const isMissing =
          end.by === 'not-started' && end.reason === 'no-program';
        if (isMissing && !isLast) continue;
        await this.#processEnded(end);
        return;
      }
    } catch (error) {
      // Words for people, from the client of the cluster.
      if (!this.#end) {
        this.end('not-started', { message: toError(error).message });
      }
    } finally {
      unsubscribe();
    }
  }

  /** Starts a process and hands its output on until it ends. */
  async #start(command: string[]): Promise<ExecEnd> {
    const { intent, isTerminal, maxMs } = this.#granted!;
    const { cluster, namespace, pod, container } = intent;
    const process = await this.#options.executor.open({
      cluster,
      namespace,
      pod,
      container,
      command,
      terminal: isTerminal ? this.#size : undefined,
      signal: this.#ending.signal,
    });
    this.#process = process;
    this.#say({
      type: 'opened',
      container,
      command,
      endsInSeconds: Math.round(maxMs / 1000),
    });
    for await (const { stream, data } of process.output) {
      if (this.#end) break;
      await this.#show(stream, data);
    }
    this.#process = undefined;
    process.close();
    return process.ended;
  }

  async #show(stream: 'stdout' | 'stderr', data: Buffer): Promise<void> {
    this.#bytesOut += data.length;
    const sent = new Promise<void>(resolve =>
      this.#socket.send(
        Buffer.concat([Buffer.of(TERMINAL_CHANNELS[stream]), data]),
        () => resolve(),
      ),
    );
    if (this.#socket.bufferedAmount > WAITING_LIMIT_BYTES) await sent;
    if (!this.#granted!.isTerminal && this.#bytesOut > COMMAND_OUTPUT_BYTES) {
      this.end('output-limit');
    }
  }

  async #processEnded(end: ExecEnd): Promise<void> {
    const { intent } = this.#granted!;
    if (end.by === 'not-started') {
      const words = {
        'no-program': `The image has none of ${this.#granted!.commands.map(
          ([program]) => program,
        ).join(', ')}`,
        'not-running': `The container ${intent.container} does not run`,
        other: `The cluster could not start a process in ${intent.container}`,
      };
      this.end('not-started', { message: words[end.reason] });
      return;
    }
    const isCut = end.by === 'connection' || end.exitCode === KILLED;
    if (isCut && (await this.#isPodGone())) this.end('pod-gone');
    else if (end.by === 'connection') this.end('connection');
    else this.end('exit', { exitCode: end.exitCode });
  }

  /** The fleet may hear of it a moment later than we do. */
  async #isPodGone(): Promise<boolean> {
    const { cluster, podUid } = this.#granted!.intent;
    const [row] = this.#options.fleet.pods({ cluster, uid: podUid });
    if (!row || row.deletedAt) return true;
    await new Promise<void>(resolve => {
      this.#ending.signal.addEventListener('abort', () => resolve(), {
        once: true,
      });
      this.#after('pod-gone', this.#options.timings.podGoneMs, resolve);
    });
    return false;
  }

  #input(message: Buffer): void {
    if (message[0] !== TERMINAL_CHANNELS.input || !this.#granted?.isTerminal) {
      return;
    }
    this.#watchIdle();
    const data = message.subarray(1);
    this.#bytesIn += data.length;
    if (!this.#process) return;
    // A browser that pastes faster than the container reads has to wait.
    this.#socket.pause();
    this.#process.write(data).finally(() => this.#socket.resume());
  }

  #command(text: string): void {
    let parsed;
    try {
      parsed = clientMessage.parse(JSON.parse(text));
    } catch {
      this.end('refused', { message: 'The browser sent what makes no sense' });
      return;
    }
    if (parsed.type === 'resize') {
      this.#size = { columns: parsed.columns, rows: parsed.rows };
      if (this.#granted?.isTerminal) this.#process?.resize(this.#size);
      return;
    }
    this.#renew(parsed.token).catch(() => {});
  }

  /** Each token is examined, and everything asked anew: those that come in a stream are not looked at. */
  async #renew(token: string): Promise<void> {
    const now = performance.now();
    if (now - this.#tokenTakenAt < this.#options.timings.tokenMs) return;
    this.#tokenTakenAt = now;
    const credentials = await authenticatePerson(this.#options.auth, token);
    if (credentials?.principal.userEntityRef !== this.person) {
      this.end('signed-out');
      return;
    }
    this.#credentials = credentials;
    this.#watchToken();
    await this.#right.ask();
  }

  async #check(): Promise<void> {
    if (!this.#granted || this.#end) return;
    await this.#options.terminals.check(this.#granted.intent, {
      credentials: this.#credentials,
      signal: this.#ending.signal,
    });
  }

  #watchIdle(): void {
    const idleMs = this.#granted?.idleMs;
    if (idleMs === undefined) return;
    const { warnBeforeIdleMs } = this.#options.timings;
    this.#after('idle', idleMs, () => this.end('idle'));
    if (idleMs > warnBeforeIdleMs) {
      this.#after('idle-soon', idleMs - warnBeforeIdleMs, () =>
        this.#say({
          type: 'idle-soon',
          endsInSeconds: Math.round(warnBeforeIdleMs / 1000),
        }),
      );
    }
  }

  /** The session lasts no longer than the person is signed in. */
  #watchToken(): void {
    const { expiresAt } = this.#credentials;
    if (!expiresAt) return;
    const leftMs = expiresAt.getTime() - Date.now();
    this.#after('token', leftMs, () => this.end('signed-out'));
    this.#after('renew', leftMs - this.#options.timings.renewBeforeMs, () =>
      this.#say({ type: 'renew' }),
    );
  }

  #ping(): void {
    // While nothing is read, the answer cannot be either.
    if (!this.#heard && !this.#socket.isPaused) {
      this.#socket.terminate();
      return;
    }
    this.#heard = false;
    this.#socket.ping();
  }

  #after(name: string, delayMs: number, callback: () => void): void {
    clearTimeout(this.#timers.get(name));
    if (this.#end) return;
    this.#timers.set(name, setTimeout(callback, Math.max(0, delayMs)));
  }

  #every(name: string, delayMs: number, callback: () => void): void {
    this.#timers.set(name, setInterval(callback, delayMs));
  }

  #clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#process?.close();
  }

  #say(message: TerminalServerMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  async #writeDown(event: AuditorServiceEvent | undefined): Promise<void> {
    if (!event || !this.#end) return;
    const { reason, message, exitCode } = this.#end;
    const meta = {
      ended: reason,
      ...(exitCode !== undefined && { exitCode }),
      seconds: Math.round((performance.now() - this.#startedAt) / 1000),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
    };
    if (reason === 'not-started') {
      await event.fail({ error: new Error(message), meta });
    } else {
      await event.success({ meta });
    }
  }

  #sayGoodbye(): void {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    if (this.#end) this.#say({ type: 'ended', ...this.#end });
    this.#socket.resume();
    this.#socket.close(1000);
    const cut = setTimeout(
      () => this.#socket.terminate(),
      this.#options.timings.closeMs,
    );
    this.#socket.once('close', () => clearTimeout(cut));
  }
}
