import { SlackFaults } from '../slack';
import { FaultBoard } from './FaultBoard';

/** Adds what can go wrong with Slack to the board. */
export function addSlackFaults(board: FaultBoard): SlackFaults {
  board.add({
    id: 'slack-down',
    title: 'Slack down',
    about: 'Connections to Slack are cut.',
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'slack-429',
    title: 'Slack: too many requests',
    about: 'Slack answers 429 and says after how many seconds to come again.',
    kind: 'switch',
    targets: [],
    value: { label: 'seconds', default: 30 },
  });
  board.add({
    id: 'slack-slow',
    title: 'Slack slow',
    about: 'Every answer of Slack comes late.',
    kind: 'switch',
    targets: [],
    value: { label: 'milliseconds', default: 15_000 },
  });
  board.add({
    id: 'slack-answer-lost',
    title: 'Slack: answer lost',
    about:
      'The message is posted, and the connection breaks before Slack says so.',
    kind: 'next',
    targets: [],
  });
  return {
    isDown: () => board.isOn('slack-down'),
    tooManyRequests: () =>
      board.isOn('slack-429') ? Number(board.value('slack-429')) : undefined,
    delayMs: () => Number(board.value('slack-slow') ?? 0),
    takeLostAnswer: () => (board.take('slack-answer-lost') ? 'cut' : undefined),
  };
}
