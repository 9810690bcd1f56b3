import { Config } from '@backstage/config';
import { FINDING_SEVERITIES } from '@switchyard/backstage-plugin-runs-node';
import { Consequence, CONSEQUENCES, FindingPolicy } from './FindingPolicies';

const KEY = 'switchyard.runs.findings';

/**
 * Reads `switchyard.runs.findings`.
 *
 * @throws Error that names the key and what would be right
 */
export function readFindingPolicies(config: Config): FindingPolicy[] {
  const rows = config.getOptionalConfigArray(KEY) ?? [];
  return rows.map((row, index) => {
    const key = `${KEY}[${index}]`;
    const severities = row.getConfig('severities');
    const unknown = severities
      .keys()
      .find(each => !FINDING_SEVERITIES.some(severity => severity === each));
    if (unknown !== undefined)
      throw new Error(
        `${key}.severities: '${unknown}' is none of ${FINDING_SEVERITIES.join(
          ', ',
        )}`,
      );
    return {
      match: {
        environments: row.getOptionalStringArray('match.environments'),
        actions: row.getOptionalStringArray('match.actions'),
      },
      severities: Object.fromEntries(
        severities
          .keys()
          .map(severity => [
            severity,
            readConsequence(severities, key, severity),
          ]),
      ),
    };
  });
}

function readConsequence(
  severities: Config,
  key: string,
  severity: string,
): Consequence {
  const word = severities.getString(severity);
  const consequence = CONSEQUENCES.find(each => each === word);
  if (!consequence)
    throw new Error(
      `${key}.severities.${severity}: '${word}' is none of ${CONSEQUENCES.join(
        ', ',
      )}`,
    );
  return consequence;
}
