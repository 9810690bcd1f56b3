import { ResponseError } from '@backstage/errors';
import Typography from '@material-ui/core/Typography';
import {
  ActionButton,
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';
import { CardSkeleton } from '../CardStates';
import { PartState } from './usePart';

/** A part in the state that it is in: not there yet, not allowed, failed, out of date, or known. */
export function Part<T>(props: {
  state: PartState<T>;
  /** What it is, within a sentence: 'the history'. */
  what: string;
  children(value: T): ReactNode;
}) {
  const { state, what, children } = props;
  const { value, error, retry } = state;
  if (error && isRefusal(error)) {
    return (
      <div role="status">
        <StatusWord tone="attention">Not readable</StatusWord>
        <Typography variant="body2">{reasonOf(error)}</Typography>
      </div>
    );
  }
  return (
    <>
      {error && (
        <>
          <FailureText
            what={
              value === undefined
                ? `${capitalized(what)} cannot be shown.`
                : 'This may be out of date.'
            }
            error={error}
          />
          <ActionButton variant="outlined" size="small" onClick={retry}>
            Try again
          </ActionButton>
        </>
      )}
      {value === undefined && !error && (
        <CardSkeleton label={`Loading ${what}`} rows={2} />
      )}
      {value !== undefined && children(value)}
    </>
  );
}

function isRefusal(error: Error): boolean {
  return (
    error.name === 'ResponseError' &&
    (error as ResponseError).statusCode === 403
  );
}

function reasonOf(error: Error): string {
  return (error as ResponseError).body?.error?.message ?? error.message;
}

function capitalized(text: string): string {
  return text.charAt(0).toLocaleUpperCase('en-US') + text.slice(1);
}
