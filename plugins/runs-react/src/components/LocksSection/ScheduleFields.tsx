import MenuItem from '@material-ui/core/MenuItem';
import TextField from '@material-ui/core/TextField';
import { LockDraft } from './lockDraft';

const CUSTOM = 'custom';
const RULES = [
  { rule: 'FREQ=DAILY', label: 'Every day' },
  { rule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', label: 'Monday to Friday' },
  { rule: 'FREQ=WEEKLY;BYDAY=FR', label: 'Every Friday' },
  { rule: 'FREQ=WEEKLY;BYDAY=SA,SU', label: 'Saturday and Sunday' },
  { rule: 'FREQ=MONTHLY;BYMONTHDAY=-1', label: 'The last day of each month' },
];

/** When a freeze repeats: by the clock on the wall of a time zone. */
export function ScheduleFields(props: {
  id: string;
  draft: LockDraft;
  gaps: Partial<Record<keyof LockDraft, string>>;
  onChange(change: Partial<LockDraft>): void;
}) {
  const { id, draft, gaps, onChange } = props;
  const isKnown = RULES.some(({ rule }) => rule === draft.rule);
  const shared = { variant: 'outlined' as const };
  return (
    <>
      <TextField
        {...shared}
        id={`${id}-mode`}
        label="Deploys are"
        select
        value={draft.mode}
        onChange={event =>
          onChange({ mode: event.target.value as LockDraft['mode'] })
        }
        helperText={
          draft.mode === 'allow'
            ? 'Where several freezes have open times, any of them opens.'
            : undefined
        }
      >
        <MenuItem value="deny">closed within these times</MenuItem>
        <MenuItem value="allow">open within these times only</MenuItem>
      </TextField>
      <TextField
        {...shared}
        id={`${id}-rule`}
        label="Repeats"
        select
        value={isKnown ? draft.rule : CUSTOM}
        onChange={event =>
          onChange({
            rule: event.target.value === CUSTOM ? 'FREQ=' : event.target.value,
          })
        }
      >
        {RULES.map(({ rule, label }) => (
          <MenuItem key={rule} value={rule}>
            {label}
          </MenuItem>
        ))}
        <MenuItem value={CUSTOM}>By a rule of my own</MenuItem>
      </TextField>
      {!isKnown && (
        <TextField
          {...shared}
          id={`${id}-own-rule`}
          label="Rule"
          helperText="As in calendars (RFC 5545), e.g. FREQ=MONTHLY;BYDAY=-1FR"
          value={draft.rule}
          onChange={event => onChange({ rule: event.target.value })}
        />
      )}
      <TextField
        {...shared}
        id={`${id}-start`}
        label="First time"
        type="datetime-local"
        InputLabelProps={{ shrink: true }}
        error={gaps.start !== undefined}
        helperText={gaps.start ?? 'By the clock on the wall there'}
        value={draft.start}
        onChange={event => onChange({ start: event.target.value })}
      />
      <TextField
        {...shared}
        id={`${id}-window`}
        label="Hours each time"
        type="number"
        inputProps={{ min: 0.25, step: 0.25 }}
        value={draft.windowHours}
        onChange={event =>
          onChange({ windowHours: Number(event.target.value) })
        }
      />
      <TextField
        {...shared}
        id={`${id}-zone`}
        label="Time zone"
        value={draft.timeZone}
        onChange={event => onChange({ timeZone: event.target.value })}
      />
    </>
  );
}
