import { ConfigReader } from '@backstage/config';
import { JsonObject } from '@backstage/types';
import { ConfiguredForges, PullRequestPolicy } from '../forge';

/** How commits get into branches, by a configuration. Without one nothing goes by pull request. */
export function waysOf(data: JsonObject = {}) {
  const config = new ConfigReader(data);
  return {
    forges: ConfiguredForges.fromConfig(config),
    pullRequests: PullRequestPolicy.fromConfig(config),
  };
}
