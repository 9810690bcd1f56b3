import { RunDetail } from '@switchyard/backstage-plugin-runs-common';
import { ListSection } from '../ListSection';
import { AskForPass } from './AskForPass';
import { PassView } from './PassView';

/** The emergency passes of a run, newest first, and the way to one. Nothing where there is none. */
export function BreakGlassSection(props: {
  run: RunDetail;
  onDone(): Promise<void>;
}) {
  const { run, onDone } = props;
  const { passes, passOffer } = run;
  if (passes.length === 0 && !passOffer) return null;
  const isLoud = passes.some(
    ({ status, usedAt }) =>
      status === 'asked' || status === 'given' || usedAt !== undefined,
  );
  return (
    <ListSection
      label="Break-glass"
      title="Break-glass"
      isLoud={isLoud}
      items={passes}
      renderItem={pass => <PassView run={run} pass={pass} onDone={onDone} />}
    >
      {passOffer && <AskForPass run={run} offer={passOffer} onDone={onDone} />}
    </ListSection>
  );
}
