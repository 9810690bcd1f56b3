import { RegistryFaults } from '../registry';
import { FaultBoard } from './FaultBoard';

/** Adds what can go wrong with the registry to the board. Kubelets that pull see it too. */
export function addRegistryFaults(board: FaultBoard): RegistryFaults {
  board.add({
    id: 'registry-down',
    title: 'Registry down',
    about: 'Connections to the registry are cut, and pods cannot pull.',
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'registry-429',
    title: 'Registry: too many requests',
    about: 'The registry answers 429 to everything.',
    kind: 'switch',
    targets: [],
  });
  board.add({
    id: 'registry-slow',
    title: 'Registry slow',
    about: 'Every answer of the registry comes late.',
    kind: 'switch',
    targets: [],
    value: { label: 'milliseconds', default: 5000 },
  });
  return {
    isDown: () => board.isOn('registry-down'),
    tooManyRequests: () => board.isOn('registry-429'),
    delayMs: () => Number(board.value('registry-slow') ?? 0),
  };
}
