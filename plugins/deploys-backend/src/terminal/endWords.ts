import { TerminalEndReason } from '@switchyard/backstage-plugin-deploys-common';

/** What is said of an end whose reason has no words of its own. */
export function endWords(
  reason: TerminalEndReason,
  facts: { pod: string; minutes?: number; exitCode?: number },
): string {
  const { pod, minutes = 0, exitCode } = facts;
  const span =
    minutes < 1 ? `${Math.round(minutes * 60)} seconds` : count(minutes);
  const words: Record<TerminalEndReason, string> = {
    exit: exitCode === 0 ? 'It ended' : `It ended with exit code ${exitCode}`,
    idle: `Ended: idle for ${span}`,
    'time-limit': `Ended: the limit is ${span}`,
    'output-limit': 'Ended: it wrote more than 1 MiB',
    'pod-gone': `The pod ${pod} is gone`,
    connection: 'The connection to the cluster broke',
    permission: 'You may not use this any more',
    'signed-out': 'Your sign-in ended',
    shutdown: 'The portal restarts; open it again in a moment',
    refused: 'It was not opened',
    'not-started': 'The process could not be started',
    left: 'Closed by the browser',
  };
  return words[reason];
}

function count(minutes: number): string {
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
