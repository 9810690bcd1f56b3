import { isDeepStrictEqual } from 'node:util';
import {
  DeploymentDiff,
  ResourceDiff,
} from '@switchyard/backstage-plugin-deploys-common';
import { ManagedResource } from '@switchyard/fleet-node';
import { stringify } from 'yaml';
import { maskManifests } from './maskManifest';

const MAX_RESOURCES = 100;
const MAX_MANIFEST_CHARS = 200_000;
const MAX_ANSWER_CHARS = 2_000_000;

/** What a sync would change. Hooks are no part of it: they run, and are not compared. */
export function buildDiff(
  resources: readonly ManagedResource[],
): DeploymentDiff {
  const compared = resources.filter(
    ({ hook, live, desired }) => !hook && (live || desired),
  );
  const different = compared.filter(
    ({ live, desired }) => !isDeepStrictEqual(live, desired),
  );
  let chars = 0;
  const shown = different.slice(0, MAX_RESOURCES).map(resource => {
    const diff = toDiff(resource, MAX_ANSWER_CHARS - chars);
    chars += diff.live.length + diff.desired.length;
    return diff;
  });
  return {
    resources: shown,
    unchanged: compared.length - different.length,
    more: different.length - shown.length,
  };
}

function toDiff(resource: ManagedResource, room: number): ResourceDiff {
  const { group, kind, namespace, name } = resource;
  const { live, desired, masked } = maskManifests(resource);
  const texts = [live, desired].map(manifest =>
    manifest ? stringify(manifest, { lineWidth: 0, sortMapEntries: true }) : '',
  );
  const tooLarge =
    texts.some(text => text.length > MAX_MANIFEST_CHARS) ||
    texts[0].length + texts[1].length > room;
  return {
    group,
    kind,
    namespace,
    name,
    change: changeOf(resource),
    live: tooLarge ? '' : texts[0],
    desired: tooLarge ? '' : texts[1],
    masked,
    tooLarge,
  };
}

function changeOf({ live, desired }: ManagedResource): ResourceDiff['change'] {
  if (!live) return 'created';
  return desired ? 'changed' : 'deleted';
}
