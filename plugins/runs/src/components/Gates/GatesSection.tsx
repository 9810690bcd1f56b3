import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import { ListSection } from '../ListSection';
import { GateView } from './GateView';

/** The gates of a run: who may answer, who has, and what this viewer may say. Nothing where there is none. */
export function GatesSection(props: {
  run: RunDetail;
  onDone(): Promise<void>;
}) {
  const { run, onDone } = props;
  if (run.gates.length === 0) return null;
  const waits = run.waiting?.reason === 'gate';
  return (
    <ListSection
      label="Gates"
      title={waits ? 'Waits for people' : 'Gates'}
      isLoud={waits}
      items={run.gates}
      renderItem={gate => <GateView run={run} gate={gate} onDone={onDone} />}
    />
  );
}
