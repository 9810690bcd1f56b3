import { useTickingText } from '../live/ticker';

const toSecond = (now: number) => String(Math.floor(now / 1_000) * 1_000);

/**
 * The present time in milliseconds, to the second. It ticks while `running`, and costs no timer of its own.
 *
 * @public
 */
export function useNow(options: { running: boolean }): number {
  const text = useTickingText(options.running ? toSecond : undefined);
  return text === undefined ? Date.now() : Number(text);
}
