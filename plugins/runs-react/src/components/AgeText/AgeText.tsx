import Tooltip from '@material-ui/core/Tooltip';
import { useCallback } from 'react';
import { useTickingText } from '../../live/ticker';
import { formatElapsed, formatExact, formatRelative, formatSpan } from './time';

/** @public */
export interface AgeTextProps {
  /** ISO time. */
  at: string;
  /** Words before it: 'as of'. */
  prefix?: string;
  /** Without 'ago', under a heading that says what it is. */
  bare?: boolean;
  className?: string;
}

/**
 * How long ago (or until) something is, with the exact time and zone in the tooltip. It ticks by itself, without its table.
 *
 * @public
 */
export function AgeText(props: AgeTextProps) {
  const { at, prefix, bare, className } = props;
  const text = useTickingText(
    useCallback(
      (now: number) =>
        bare ? formatSpan(now - Date.parse(at)) : formatRelative(at, now),
      [at, bare],
    ),
  );
  const exact = formatExact(at);
  return (
    <Tooltip title={exact}>
      <time dateTime={at} className={className}>
        {prefix ? `${prefix} ${text}` : text}
      </time>
    </Tooltip>
  );
}

/** @public */
export interface ElapsedTextProps {
  /** ISO time. */
  from: string;
  /** ISO time; without one the clock runs. */
  to?: string;
  className?: string;
}

/**
 * How long something has taken: '2:10'. It ticks until `to` is known.
 *
 * @public
 */
export function ElapsedText(props: ElapsedTextProps) {
  const { from, to, className } = props;
  const running = useTickingText(
    useCallback(
      (now: number) =>
        formatElapsed((to ? Date.parse(to) : now) - Date.parse(from)),
      [from, to],
    ),
  );
  return (
    <Tooltip
      title={
        to
          ? `${formatExact(from)} – ${formatExact(to)}`
          : `since ${formatExact(from)}`
      }
    >
      <span
        className={className}
        style={{ fontVariantNumeric: 'tabular-nums' }}
      >
        {running}
      </span>
    </Tooltip>
  );
}
