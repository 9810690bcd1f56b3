import FormControl from '@material-ui/core/FormControl';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import FormLabel from '@material-ui/core/FormLabel';
import Radio from '@material-ui/core/Radio';
import RadioGroup from '@material-ui/core/RadioGroup';
import { ReactNode, useId } from 'react';

/** One of a few ways, all in sight, and under them what follows from the one that is chosen. */
export function RadioChoice<T extends string>(props: {
  label: string;
  /** In the order in which they are shown, each with what it is called. */
  options: Record<T, string>;
  value: T;
  onChoose(value: T): void;
  /** Side by side, not one under the other. */
  row?: boolean;
  children?: ReactNode;
}) {
  const { label, options, value, onChoose, row, children } = props;
  const id = useId();
  return (
    <FormControl component="fieldset">
      <FormLabel id={id} component="legend">
        {label}
      </FormLabel>
      <RadioGroup
        row={row}
        aria-labelledby={id}
        value={value}
        onChange={(_, chosen) => onChoose(chosen as T)}
      >
        {Object.entries<string>(options).map(([option, name]) => (
          <FormControlLabel
            key={option}
            value={option}
            control={<Radio size="small" color="primary" />}
            label={name}
          />
        ))}
      </RadioGroup>
      {children}
    </FormControl>
  );
}
