import { identityApiRef, useApi } from '@backstage/core-plugin-api';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import { useEffect, useMemo } from 'react';
import useAsync from 'react-use/lib/useAsync';
import { orderRows } from './arrangeFleet';
import { FleetTable } from './FleetApi';
import { filterRows, prepareTexts } from './filterFleet';
import { FleetFilters } from './useFleetFilters';

const NO_ROWS: readonly FleetRow[] = [];

/** The lines that the filters leave, what needs a person first. They are put in order once per change, not per letter typed. */
export function useShownRows(
  fleet: FleetTable | undefined,
  filters: FleetFilters,
): readonly FleetRow[] {
  const owners = useOwners(filters.mine);
  const rows = fleet?.rows ?? NO_ROWS;
  const environments = fleet?.environments.join('\n') ?? '';
  const ordered = useMemo(
    () => orderRows(rows, environments.split('\n')),
    [rows, environments],
  );
  useEffect(() => prepareTexts(ordered), [ordered]);
  const { text, fields, mine } = filters;
  return useMemo(
    () =>
      filterRows(ordered, {
        text,
        fields,
        ...(mine && { owners }),
      }),
    [ordered, text, fields, mine, owners],
  );
}

/** The refs by which the person owns things. Empty until they are known: nothing is shown as the person's before. */
function useOwners(wanted: boolean): ReadonlySet<string> {
  const identityApi = useApi(identityApiRef);
  const { value } = useAsync(
    async () =>
      wanted
        ? (await identityApi.getBackstageIdentity()).ownershipEntityRefs
        : [],
    [identityApi, wanted],
  );
  return useMemo(() => new Set(value ?? []), [value]);
}
