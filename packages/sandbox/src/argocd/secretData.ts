import { KubernetesObject } from '../kubernetes/types';

const HIDDEN = '++++++++';

/**
 * Hides the values of a Secret as Argo CD does: each is replaced by plus signs, more of them where a value differs, so that a difference can still be
 * seen. What was applied last is hidden too. Other kinds stay as they are.
 */
export function hideSecretData<T extends KubernetesObject | undefined>(
  ...objects: T[]
): T[] {
  const seen = new Map<string, Map<unknown, string>>();
  const hidden = (key: string, value: unknown) => {
    const known = seen.get(key) ?? new Map<unknown, string>();
    seen.set(key, known);
    const text = known.get(value) ?? HIDDEN + '++++'.repeat(known.size);
    known.set(value, text);
    return text;
  };
  return objects.map(object =>
    object?.kind === 'Secret' && object.apiVersion === 'v1'
      ? (withoutValues(object, hidden) as T)
      : object,
  );
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutValues(
  secret: KubernetesObject,
  hidden: (key: string, value: unknown) => string,
): KubernetesObject {
  const { stringData = {}, data = {}, ...rest } = secret;
  // The API server writes stringData into data, encoded.
  const all = {
    ...data,
    ...Object.fromEntries(
      Object.entries(stringData as Record<string, string>).map(
        ([key, value]) => [key, Buffer.from(value).toString('base64')],
      ),
    ),
  };
  const result: KubernetesObject = {
    ...rest,
    data: Object.fromEntries(
      Object.entries(all).map(([key, value]) => [key, hidden(key, value)]),
    ),
  };
  const note = secret.metadata.annotations?.[LAST_APPLIED];
  if (note) {
    result.metadata = {
      ...secret.metadata,
      annotations: {
        ...secret.metadata.annotations,
        [LAST_APPLIED]: JSON.stringify(withoutValues(JSON.parse(note), hidden)),
      },
    };
  }
  return result;
}
