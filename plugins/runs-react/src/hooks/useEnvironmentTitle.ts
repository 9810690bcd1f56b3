import { configApiRef, useApi } from '@backstage/core-plugin-api';
import { useMemo } from 'react';

/**
 * Gives what people call an environment: its title in `switchyard.environments`, and its name where it has none.
 *
 * @public
 */
export function useEnvironmentTitle(): (name: string) => string {
  const config = useApi(configApiRef);
  return useMemo(() => {
    const environments =
      config.getOptionalConfigArray('switchyard.environments') ?? [];
    const titles = new Map(
      environments.map(each => [
        each.getOptionalString('name'),
        each.getOptionalString('title'),
      ]),
    );
    return name => titles.get(name) ?? name;
  }, [config]);
}
