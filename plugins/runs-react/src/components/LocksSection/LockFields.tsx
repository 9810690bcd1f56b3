import Checkbox from '@material-ui/core/Checkbox';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import MenuItem from '@material-ui/core/MenuItem';
import TextField from '@material-ui/core/TextField';
import { LockKind, LockScope } from '@switchyard/backstage-plugin-runs-common';
import { useEnvironmentTitle } from '../../hooks/useEnvironmentTitle';
import { formatExact } from '../AgeText';
import { EVERYWHERE, isRepeated, LockDraft, NEVER } from './lockDraft';
import { ScheduleFields } from './ScheduleFields';

const HOUR_MS = 3_600_000;
const EXPIRY_CHOICES = [
  { hours: 1, label: '1 hour' },
  { hours: 4, label: '4 hours' },
  { hours: 8, label: '8 hours' },
  { hours: 24, label: '1 day' },
  { hours: 72, label: '3 days' },
  { hours: 168, label: '1 week' },
  { hours: 720, label: '30 days' },
  { hours: NEVER, label: 'Until it is released' },
];
const KINDS: Array<{ kind: LockKind; label: string; help: string }> = [
  { kind: 'lock', label: 'Lock', help: 'Nobody but you can deploy.' },
  { kind: 'freeze', label: 'Freeze', help: 'Nobody can deploy, nor can you.' },
  {
    kind: 'warning',
    label: 'Warning',
    help: 'It stops nobody; people see it before they confirm.',
  },
];
const SCOPES: Record<LockScope, string> = {
  component: 'A component',
  system: 'All of a system',
  cluster: 'All on a cluster',
  environment: 'All of an environment',
  platform: 'Everything',
};

/** All of a lock but its reason: what it does, where, from when and until when. */
export function LockFields(props: {
  id: string;
  draft: LockDraft;
  gaps: Partial<Record<keyof LockDraft, string>>;
  /** What it may be set on; one alone is not asked about. */
  scopes: readonly LockScope[];
  environments: readonly string[];
  clusters: readonly string[];
  allowAllEnvironments: boolean;
  onChange(change: Partial<LockDraft>): void;
}) {
  const { id, draft, gaps, scopes, environments, onChange } = props;
  const titleOf = useEnvironmentTitle();
  const shared = (field: keyof LockDraft, label: string) => ({
    id: `${id}-${field}`,
    label,
    variant: 'outlined' as const,
    error: gaps[field] !== undefined,
    value: draft[field],
  });
  const begins =
    draft.startsAt === '' ? Date.now() : Date.parse(draft.startsAt);
  const offersEverywhere =
    props.allowAllEnvironments && draft.scope !== 'environment';
  return (
    <>
      <TextField
        {...shared('kind', 'Kind')}
        select
        onChange={event => onChange({ kind: event.target.value as LockKind })}
        helperText={KINDS.find(({ kind }) => kind === draft.kind)?.help}
      >
        {KINDS.map(({ kind, label }) => (
          <MenuItem key={kind} value={kind}>
            {label}
          </MenuItem>
        ))}
      </TextField>
      {scopes.length > 1 && (
        <TextField
          {...shared('scope', 'What')}
          select
          onChange={event =>
            onChange({ scope: event.target.value as LockScope })
          }
        >
          {scopes.map(scope => (
            <MenuItem key={scope} value={scope}>
              {SCOPES[scope]}
            </MenuItem>
          ))}
        </TextField>
      )}
      {scopes.length > 1 &&
        (draft.scope === 'system' || draft.scope === 'component') && (
          <TextField
            {...shared('entityRef', 'Name')}
            placeholder={`${draft.scope}:default/shop`}
            helperText={gaps.entityRef}
            onChange={event => onChange({ entityRef: event.target.value })}
          />
        )}
      {draft.scope === 'cluster' && (
        <TextField
          {...shared('cluster', 'Cluster')}
          select
          helperText={gaps.cluster}
          onChange={event => onChange({ cluster: event.target.value })}
        >
          {props.clusters.map(cluster => (
            <MenuItem key={cluster} value={cluster}>
              {cluster}
            </MenuItem>
          ))}
        </TextField>
      )}
      <TextField
        {...shared('environment', 'Environment')}
        select
        SelectProps={{ native: false, displayEmpty: true }}
        InputLabelProps={{ shrink: true }}
        helperText={gaps.environment}
        onChange={event => onChange({ environment: event.target.value })}
      >
        {offersEverywhere && (
          <MenuItem value={EVERYWHERE}>All environments</MenuItem>
        )}
        {environments.map(each => (
          <MenuItem key={each} value={each}>
            {titleOf(each)}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        {...shared('startsAt', 'Begins')}
        type="datetime-local"
        InputLabelProps={{ shrink: true }}
        helperText={draft.startsAt === '' ? 'Now' : undefined}
        onChange={event => onChange({ startsAt: event.target.value })}
      />
      <TextField
        {...shared('hours', 'Ends')}
        select
        onChange={event => onChange({ hours: Number(event.target.value) })}
        helperText={
          draft.hours === NEVER
            ? 'Somebody has to release it.'
            : formatExact(
                new Date(begins + draft.hours * HOUR_MS).toISOString(),
              )
        }
      >
        {EXPIRY_CHOICES.map(({ hours, label }) => (
          <MenuItem key={hours} value={hours}>
            {label}
          </MenuItem>
        ))}
      </TextField>
      {draft.kind === 'freeze' && (
        <FormControlLabel
          control={
            <Checkbox
              color="primary"
              checked={draft.repeats}
              onChange={event =>
                onChange({
                  repeats: event.target.checked,
                  // What repeats for four hours hardly ever does.
                  ...(event.target.checked && { hours: NEVER }),
                })
              }
            />
          }
          label="Only at certain times, again and again"
        />
      )}
      {isRepeated(draft) && (
        <ScheduleFields id={id} draft={draft} gaps={gaps} onChange={onChange} />
      )}
      <TextField
        {...shared('incident', 'Incident')}
        placeholder="https://"
        helperText="Optional: the address of the incident that it belongs to."
        InputLabelProps={{ shrink: true }}
        onChange={event => onChange({ incident: event.target.value })}
      />
    </>
  );
}
