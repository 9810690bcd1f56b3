import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';

/** Filters of a page. They live in the address, so a link shows the same to a colleague. */
export interface UrlFilters<TName extends string> {
  /** As they stand in the address, '' for none. */
  values: Readonly<Record<TName, string>>;
  isEmpty: boolean;
  set(name: TName, value: string): void;
  clear(): void;
}

/** Reads and writes filters with one value each in the address. `names` must be a constant. */
export function useUrlFilters<TName extends string>(
  names: readonly TName[],
): UrlFilters<TName> {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const values = useMemo(() => {
    const present = new URLSearchParams(text);
    return Object.fromEntries(
      names.map(name => [name, present.get(name) ?? '']),
    ) as Record<TName, string>;
  }, [names, text]);
  const change = useCallback(
    (edit: (next: URLSearchParams) => void) =>
      setParams(
        before => {
          const next = new URLSearchParams(before);
          edit(next);
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return {
    values,
    isEmpty: names.every(name => values[name] === ''),
    set: (name, value) =>
      change(next =>
        value === '' ? next.delete(name) : next.set(name, value),
      ),
    clear: () =>
      change(next => {
        for (const name of names) next.delete(name);
      }),
  };
}

/** The full ref of what a person names, such as 'dana'; undefined for '' and for what makes no sense. */
export function toRef(
  text: string,
  defaultKind: 'user' | 'component' | 'group' | 'system',
): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    return stringifyEntityRef(
      parseEntityRef(text.trim(), { defaultKind, defaultNamespace: 'default' }),
    );
  } catch {
    return undefined;
  }
}

/** The beginning of a day where the viewer is, as an ISO time; undefined for what is no day. */
export function startOfDay(day: string, daysLater: number): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (!match) return undefined;
  const [year, month, date] = match.slice(1).map(Number);
  const start = new Date(year, month - 1, date + daysLater);
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}
