import {
  Entity,
  parseEntityRef,
  RELATION_HAS_MEMBER,
  RELATION_PARENT_OF,
} from '@backstage/catalog-model';
import { ApprovalRule } from '@switchyard/backstage-plugin-runs-common';
import { shortName } from './shortName';

/** Groups of groups of groups … */
const MAX_DEPTH = 10;

/**
 * Finds the people of whom a rule would take an approval, as the catalog has them: members of the groups and of the groups below. Whether each also
 * has the permission cannot be asked for somebody else.
 */
export async function findApprovers(options: {
  rule: ApprovalRule;
  requestedBy: string;
  find: (refs: string[]) => Promise<Array<Entity | undefined>>;
}): Promise<Map<string, string[]>> {
  const { rule, requestedBy, find } = options;
  const byRef = new Map<string, string[]>();
  for (const ref of [...new Set([...rule.from, ...rule.required])]) {
    const people = isUser(ref)
      ? await existing([ref], find)
      : await findMembers(ref, find);
    byRef.set(
      ref,
      people.filter(each => rule.selfApproval || each !== requestedBy),
    );
  }
  return byRef;
}

/** Why a rule cannot be met by the people there are; undefined when it can. */
export function describeShortage(
  rule: ApprovalRule,
  approvers: Map<string, string[]>,
): string | undefined {
  const unmet = rule.required.find(
    ref => (approvers.get(ref) ?? []).length === 0,
  );
  if (unmet)
    return `Nobody but the one who asks could approve for ${shortName(
      unmet,
    )}, which is required.`;
  const people = new Set([...approvers.values()].flat());
  if (people.size >= rule.needed) return undefined;
  const have = people.size === 1 ? '1 person' : `${people.size} people`;
  return `It takes ${rule.needed}, and besides the one who asks there ${
    people.size === 1 ? 'is' : 'are'
  } only ${have} who could approve.`;
}

function isUser(ref: string): boolean {
  return parseEntityRef(ref).kind.toLocaleLowerCase('en-US') === 'user';
}

async function existing(
  refs: string[],
  find: (refs: string[]) => Promise<Array<Entity | undefined>>,
): Promise<string[]> {
  const entities = await find(refs);
  return refs.filter((_, index) => entities[index] !== undefined);
}

async function findMembers(
  group: string,
  find: (refs: string[]) => Promise<Array<Entity | undefined>>,
): Promise<string[]> {
  const members = new Set<string>();
  const seen = new Set([group]);
  let frontier = [group];
  for (let depth = 0; frontier.length > 0 && depth < MAX_DEPTH; depth++) {
    const groups = (await find(frontier)).filter(each => each !== undefined);
    for (const ref of refsOf(groups, RELATION_HAS_MEMBER)) members.add(ref);
    frontier = refsOf(groups, RELATION_PARENT_OF).filter(ref => !seen.has(ref));
    for (const ref of frontier) seen.add(ref);
  }
  return [...members];
}

function refsOf(entities: Entity[], type: string): string[] {
  return entities.flatMap(entity =>
    (entity.relations ?? [])
      .filter(relation => relation.type === type)
      .map(relation => relation.targetRef.toLocaleLowerCase('en-US')),
  );
}
