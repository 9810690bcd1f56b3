import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { GROUP_FIELDS, GroupField } from './arrangeFleet';
import { FILTER_FIELDS, FilterField } from './filterFleet';

/** What narrows and groups the lines. It lives in the address, so a link shows the same to a colleague. */
export interface FleetFilters {
  text: string;
  fields: Partial<Record<FilterField, string>>;
  /** Only what the person, or one of the person's groups, owns. */
  mine: boolean;
  group: GroupField | undefined;
  isNarrowed: boolean;
  setText(text: string): void;
  setField(field: FilterField, value: string | undefined): void;
  setMine(mine: boolean): void;
  setGroup(group: GroupField | undefined): void;
  clear(): void;
  /** For links to another page of the fleet that shows the same lines. */
  search: string;
}

/** Reads and writes the filters in the address. What it does not know in it is left alone. */
export function useFleetFilters(): FleetFilters {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (edit: (next: URLSearchParams) => void) => {
      setParams(
        before => {
          const next = new URLSearchParams(before);
          edit(next);
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  const search = params.toString();
  return useMemo(() => {
    const read = new URLSearchParams(search);
    const fields: FleetFilters['fields'] = {};
    for (const field of FILTER_FIELDS) {
      const value = read.get(field);
      if (value) fields[field] = value;
    }
    const text = read.get('q') ?? '';
    const mine = read.get('mine') === 'true';
    const group = GROUP_FIELDS.find(each => each === read.get('group'));
    const set = (name: string, value: string | undefined) =>
      change(next => {
        if (value) next.set(name, value);
        else next.delete(name);
      });
    return {
      text,
      fields,
      mine,
      group,
      isNarrowed: text !== '' || mine || Object.keys(fields).length > 0,
      setText: value => set('q', value),
      setField: set,
      setMine: value => set('mine', value ? 'true' : undefined),
      setGroup: value => set('group', value),
      clear: () =>
        change(next => {
          for (const name of ['q', 'mine', ...FILTER_FIELDS]) next.delete(name);
        }),
      search,
    };
  }, [search, change]);
}
