import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { PassOffer, RunDetail } from '@switchyard/backstage-plugin-runs-common';
import {
  BlockedButton,
  BlockerList,
  BreakGlassTerms,
  IncidentField,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { CommentField } from '../Gates/CommentField';
import { VerbDialog } from '../RunPage/VerbDialog';

const useStyles = makeStyles(
  theme => ({
    terms: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1.5),
    },
  }),
  { name: 'SwitchyardAskForPass' },
);

/** The way out for a run that is parked or has stopped, in an emergency. */
export function AskForPass(props: {
  run: RunDetail;
  offer: PassOffer;
  onDone(): Promise<void>;
}) {
  const { run, offer, onDone } = props;
  const classes = useStyles();
  const runsApi = useApi(runsApiRef);
  const [isOpen, setIsOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [incident, setIncident] = useState('');
  const ask = async () => {
    if (reason.trim() === '')
      throw new Error('Say why: it goes into the record.');
    await runsApi.askForPass(run.id, {
      planHash: run.planHash,
      reason: reason.trim(),
      ...(incident.trim() !== '' && { incident: incident.trim() }),
    });
    await onDone();
  };
  return (
    <div>
      <BlockedButton
        action={{
          title: 'Break the glass',
          allowed: offer.allowed,
          blockers: offer.allowed
            ? []
            : [
                {
                  type: 'permission',
                  what: 'Not permitted',
                  why: offer.why ?? 'You may not break the glass here.',
                  ask: offer.confirmers,
                },
              ],
        }}
        variant="outlined"
        onClick={() => setIsOpen(true)}
      >
        Break the glass…
      </BlockedButton>
      <VerbDialog
        open={isOpen}
        title={`Break the glass for run #${run.number}?`}
        confirm={`${
          offer.needsSecond ? 'Ask to break the glass' : 'Break the glass'
        }: ${run.title}`}
        dismiss="Not now"
        onClose={() => setIsOpen(false)}
        onConfirm={ask}
      >
        <div className={classes.terms}>
          <BreakGlassTerms offer={offer} />
          <BlockerList blockers={offer.passes} />
        </div>
        <CommentField
          id={`runs-glass-reason-${run.id}`}
          label="Reason"
          required
          value={reason}
          onChange={setReason}
        />
        <IncidentField
          id={`runs-glass-incident-${run.id}`}
          value={incident}
          onChange={setIncident}
        />
      </VerbDialog>
    </div>
  );
}
