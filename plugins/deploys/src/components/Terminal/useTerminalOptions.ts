import { useApi } from '@backstage/core-plugin-api';
import useAsync from 'react-use/esm/useAsync';
import { terminalApiRef } from '../../api';

/** What this portal allows beside the permissions. */
export function useTerminalOptions() {
  const api = useApi(terminalApiRef);
  return useAsync(() => api.getOptions(), [api]);
}
