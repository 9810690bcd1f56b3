import { makeStyles } from '@material-ui/core/styles';
import { PassOffer } from '@switchyard/backstage-plugin-runs-common';
import { useStableId } from '../../hooks/useStableId';
import { ActionButton } from '../ActionButton';
import { BlockedButton } from '../BlockedButton';
import { BreakGlassTerms, IncidentField } from '../BreakGlassTerms';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      justifyItems: 'start',
      gap: theme.spacing(1.5),
    },
    terms: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(1.5),
      width: '100%',
      padding: theme.spacing(0, 0, 0, 1.5),
      borderLeft: `4px solid ${theme.palette.warning.main}`,
    },
  }),
  { name: 'SwitchyardBreakGlassChoice' },
);

/** The way out of what stands in the way, in an emergency. Undefined `incident`: it is not taken. */
export function BreakGlassChoice(props: {
  offer: PassOffer;
  incident: string | undefined;
  onChange(incident: string | undefined): void;
}) {
  const { offer, incident, onChange } = props;
  const classes = useStyles();
  const id = useStableId('glass');
  const isChosen = incident !== undefined;
  if (!offer.allowed)
    return (
      <BlockedButton
        action={{
          title: 'Break the glass',
          allowed: false,
          blockers: [
            {
              type: 'permission',
              what: 'Not permitted',
              why: offer.why ?? 'You may not break the glass here.',
              ask: offer.confirmers,
            },
          ],
        }}
        variant="outlined"
        onClick={() => {}}
      >
        Break the glass…
      </BlockedButton>
    );
  return (
    <div className={classes.root}>
      <ActionButton
        variant="outlined"
        aria-expanded={isChosen}
        aria-controls={id}
        onClick={() => onChange(isChosen ? undefined : '')}
      >
        {isChosen ? 'Do not break the glass' : 'Break the glass…'}
      </ActionButton>
      {isChosen && (
        <section id={id} aria-label="Break the glass" className={classes.terms}>
          <BreakGlassTerms offer={offer} />
          <IncidentField
            id={`${id}-incident`}
            value={incident}
            onChange={onChange}
          />
        </section>
      )}
    </div>
  );
}
