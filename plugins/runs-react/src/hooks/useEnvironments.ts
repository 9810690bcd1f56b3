import { configApiRef, useApi } from '@backstage/core-plugin-api';
import { useMemo } from 'react';

/**
 * The environments of `switchyard.environments`, in their order, with what people call them.
 *
 * @public
 */
export function useEnvironments(): Array<{ name: string; title: string }> {
  const config = useApi(configApiRef);
  return useMemo(() => {
    const environments =
      config.getOptionalConfigArray('switchyard.environments') ?? [];
    return environments.map(each => {
      const name = each.getString('name');
      return { name, title: each.getOptionalString('title') ?? name };
    });
  }, [config]);
}
