import TextField from '@material-ui/core/TextField';
import { ActionFormProps } from '@switchyard/backstage-plugin-runs-react';
import { useId, useState } from 'react';

/** Says how many pods there are to be, of each workload in each cluster; within which bounds the preview says. */
export function ScaleForm(props: ActionFormProps) {
  const { input, onChange } = props;
  const id = useId();
  const [text, setText] = useState(String(input?.replicas ?? ''));
  const isWrong = text !== '' && !isCount(text);
  return (
    <TextField
      id={`${id}-replicas`}
      label="Pods"
      variant="outlined"
      size="small"
      inputProps={{ inputMode: 'numeric', autoComplete: 'off' }}
      value={text}
      error={isWrong}
      helperText={
        isWrong ? 'A whole number' : 'Of each workload, in each cluster'
      }
      onChange={event => {
        const next = event.target.value.trim();
        setText(next);
        onChange(isCount(next) ? { replicas: Number(next) } : undefined);
      }}
    />
  );
}

function isCount(text: string): boolean {
  return /^\d{1,3}$/.test(text);
}
