import {
  TERMINAL_PROTOCOL,
  TERMINAL_TICKET_PREFIX,
  TERMINAL_TOKEN_PREFIX,
} from '@switchyard/backstage-plugin-deploys-common';
import { entityParameters, errorResponses, parameter } from './parts';
import { count, flag, list, object, ref, Schema, text, word } from './words';

const place = {
  container: {
    ...text,
    description: 'Without it, the container that is the service.',
  },
  reason: {
    ...text,
    maxLength: 500,
    description:
      'Audited. Needed except in the environments of `reasonOptionalIn`.',
  },
};
const end = {
  type: word('ended'),
  reason: word(
    'exit',
    'idle',
    'time-limit',
    'output-limit',
    'pod-gone',
    'connection',
    'permission',
    'signed-out',
    'shutdown',
    'refused',
    'not-started',
    'left',
  ),
  message: text,
  exitCode: { type: 'integer' },
};

/** Types of terminals and commands. */
export const terminalSchemas: Record<string, Schema> = {
  TerminalOptions: object({
    enabled: flag,
    idleMinutes: { type: 'number' },
    maxMinutes: { type: 'number' },
    shells: list(text),
    commands: list(
      object(
        {
          name: text,
          description: text,
          command: list(text),
          arguments: list(
            object(
              { name: text, description: text, pattern: text, optional: flag },
              ['description'],
            ),
          ),
        },
        ['description'],
      ),
    ),
    reasonOptionalIn: list(text),
  }),
  TerminalTicketRequest: {
    oneOf: [
      object(
        {
          kind: word('terminal'),
          ...place,
          shell: { ...text, description: 'One of `shells`.' },
        },
        ['container', 'reason', 'shell'],
      ),
      object(
        {
          kind: word('command'),
          ...place,
          command: { ...text, description: 'Name of one of `commands`.' },
          arguments: { type: 'object', additionalProperties: text },
        },
        ['container', 'reason', 'arguments'],
      ),
    ],
  },
  TerminalTicket: object({
    ticket: text,
    expiresInSeconds: count,
    container: text,
  }),
  TerminalServerMessage: {
    oneOf: [
      object({
        type: word('opened'),
        container: text,
        command: list(text),
        endsInSeconds: count,
      }),
      object({ type: word('idle-soon'), endsInSeconds: count }),
      object({ type: word('renew') }),
      object(end, ['exitCode']),
    ],
  },
  TerminalClientMessage: {
    oneOf: [
      object({ type: word('resize'), columns: count, rows: count }),
      object({ type: word('token'), token: text }),
    ],
  },
};

const ONLY_WHERE_ENABLED =
  'Only where `switchyard.terminal.enabled` is set, otherwise 404.';

function answer(description: string, schema: string) {
  return {
    description,
    content: { 'application/json': { schema: ref(schema) } },
  };
}

/** Terminals and single commands. */
export const terminalPaths = {
  '/v1/terminal-options': {
    get: {
      operationId: 'getTerminalOptions',
      summary: 'What this portal allows: shells, commands, limits',
      description: `Permission \`deploys.terminal.use\` or \`deploys.command.run\`, somewhere. Users only. ${ONLY_WHERE_ENABLED}`,
      responses: {
        200: answer('The options', 'TerminalOptions'),
        ...errorResponses(401, 403, 404),
      },
    },
  },
  '/v1/entities/{kind}/{namespace}/{name}/pods/{cluster}/{podNamespace}/{pod}/terminal-tickets':
    {
      post: {
        operationId: 'createTerminalTicket',
        summary: 'A ticket for one terminal or one command',
        description: `Permission \`deploys.terminal.use\` for a terminal, \`deploys.command.run\` for a command; the pod must be the entity’s, and its workload must agree. Users only. The ticket opens \`/v1/terminal\` once, for this person, at any replica, for 30 seconds. Audited as \`terminal-ticket\`. ${ONLY_WHERE_ENABLED}`,
        parameters: [
          ...entityParameters,
          ...['cluster', 'podNamespace', 'pod'].map(name =>
            parameter(name, 'path', true, text),
          ),
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: ref('TerminalTicketRequest') },
          },
        },
        responses: {
          201: answer('The ticket', 'TerminalTicket'),
          ...errorResponses(400, 401, 403, 404, 503),
        },
      },
    },
  '/v1/terminal': {
    get: {
      operationId: 'openTerminal',
      summary: 'A terminal or a command, as a WebSocket',
      description: [
        `Offered in \`Sec-WebSocket-Protocol\`: \`${TERMINAL_PROTOCOL}\`, \`${TERMINAL_TICKET_PREFIX}<ticket>\` and \`${TERMINAL_TOKEN_PREFIX}<Backstage token in base64url>\`; only the first is chosen. \`Origin\` must be that of a page of the portal. Permission, consent and pod are asked again, at opening, every five minutes and with each new token. Audited as \`terminal-session\` or \`command-run\`, with its end.`,
        'Binary messages carry data behind one byte: 0 input, 1 output, 2 error output; at most 64 KiB from the browser. Text messages are JSON: `TerminalServerMessage` from the server, of which the last is `ended` with the reason in words, `TerminalClientMessage` to it. After `renew` a new token is awaited until the old one ends; of tokens that come within five seconds one is looked at.',
        ONLY_WHERE_ENABLED,
      ].join('\n\n'),
      security: [],
      parameters: [
        {
          name: 'Sec-WebSocket-Protocol',
          in: 'header',
          required: true,
          schema: text,
        },
        { name: 'Origin', in: 'header', required: true, schema: text },
      ],
      responses: {
        101: {
          description:
            'A session. What is not allowed is said by its last message.',
        },
        400: { description: 'Ticket, token or protocol is missing' },
        401: { description: 'No valid token of a person' },
        403: { description: 'The page is none of the portal’s' },
        503: { description: 'Nobody says in time whose token it is' },
      },
      'x-messages': {
        server: ref('TerminalServerMessage'),
        client: ref('TerminalClientMessage'),
      },
    },
  },
};
