import { useApi } from '@backstage/core-plugin-api';
import { RunKind } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '@switchyard/backstage-plugin-runs-react';
import useAsync from 'react-use/esm/useAsync';

/** What can be run in this portal. Empty until it is known: it fills menus, and nothing waits for it. */
export function useRunKinds(): RunKind[] {
  const runsApi = useApi(runsApiRef);
  const { value } = useAsync(() => runsApi.listKinds(), [runsApi]);
  return value ?? [];
}
