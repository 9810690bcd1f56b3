import { useMemo } from 'react';
import { useEnvironments } from './useEnvironments';

/**
 * Gives what people call an environment: its title in `switchyard.environments`, and its name where it has none.
 *
 * @public
 */
export function useEnvironmentTitle(): (name: string) => string {
  const environments = useEnvironments();
  return useMemo(() => {
    const titles = new Map(
      environments.map(({ name, title }) => [name, title]),
    );
    return name => titles.get(name) ?? name;
  }, [environments]);
}
