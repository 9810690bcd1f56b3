import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { useSearchParams } from 'react-router-dom';

/** What the page may be narrowed to. */
export type LockFilterName = 'kind' | 'scope' | 'environment';
const NAMES: readonly LockFilterName[] = ['kind', 'scope', 'environment'];

/** What the page shows. All of it stands in the address. */
export function useLockFilters() {
  const [search, setSearch] = useSearchParams();
  const values = Object.fromEntries(
    NAMES.map(name => [name, search.get(name) ?? '']),
  ) as Record<LockFilterName, string>;
  return {
    values,
    view: search.get('view') === 'calendar' ? 'calendar' : 'list',
    set(name: LockFilterName | 'view', value: string) {
      setSearch(
        before => {
          const next = new URLSearchParams(before);
          if (value === '') next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      );
    },
    /** A lock of all environments is one of each. */
    isMeant: (lock: Lock) =>
      (values.kind === '' || lock.kind === values.kind) &&
      (values.scope === '' || lock.scope === values.scope) &&
      (values.environment === '' ||
        lock.environment === undefined ||
        lock.environment === values.environment),
  };
}
