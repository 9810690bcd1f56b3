import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import { PassLift, PassOffer } from '@switchyard/backstage-plugin-runs-common';
import { RefPhrases } from '../BlockerList';

const MINUTE_MS = 60_000;
/** What the backend takes. */
const MAX_ADDRESS_LENGTH = 2_000;

const LIFTED: Record<PassLift, string> = {
  approvals: 'approvals that are missing',
  findings: 'findings that block',
};

/** @public */
export interface BreakGlassTermsProps {
  offer: PassOffer;
}

/**
 * What an emergency pass does, for how long, and who must confirm it.
 *
 * @public
 */
export function BreakGlassTerms(props: BreakGlassTermsProps) {
  const { lifts, needsSecond, confirmers, validForMs } = props.offer;
  const besides = lifts.map(lift => LIFTED[lift]).join(' and ');
  return (
    <>
      <Typography variant="body2">
        For an emergency: this one run passes the locks and freezes that stand
        in the way now{besides && `, and ${besides}`}. One that is set later
        stops it all the same, and it waits for its turn as ever.
      </Typography>
      <Typography variant="body2">
        {needsSecond ? (
          <>
            Somebody else who may break the glass must confirm it first
            {confirmers.length > 0 && (
              <>
                {' '}
                (<RefPhrases refs={confirmers} />)
              </>
            )}
            . From then on it is valid for {describeMinutes(validForMs)}.
          </>
        ) : (
          <>It is valid at once, for {describeMinutes(validForMs)}.</>
        )}{' '}
        The owners of the component and all who may break the glass are told.
      </Typography>
    </>
  );
}

/**
 * The address of the incident that an emergency belongs to.
 *
 * @public
 */
export function IncidentField(props: {
  id: string;
  value: string;
  onChange(incident: string): void;
}) {
  const { id, value, onChange } = props;
  return (
    <TextField
      id={id}
      label="Incident"
      value={value}
      onChange={event => onChange(event.target.value)}
      placeholder="https://"
      helperText="Optional: the address of the incident that it belongs to."
      InputLabelProps={{ shrink: true }}
      inputProps={{ maxLength: MAX_ADDRESS_LENGTH }}
      fullWidth
      variant="outlined"
    />
  );
}

function describeMinutes(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
