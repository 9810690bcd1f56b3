/**
 * Annotations of which one is enough to say which Applications or workloads are an entity.
 *
 * @public
 */
export const MAPPING_ANNOTATIONS: readonly string[] = [
  'argocd/app-name',
  'argocd/app-selector',
  'argocd/project-name',
  'backstage.io/kubernetes-id',
  'backstage.io/kubernetes-label-selector',
];

/**
 * Which entities may run somewhere: components, for workloads may carry the name of one that has no annotation, and whatever carries one of
 * {@link MAPPING_ANNOTATIONS}. A filter predicate, as the catalog and entity pages take them.
 *
 * @public
 */
export const MAPPED_ENTITIES: {
  $any: Array<
    | { kind: string }
    | Record<`metadata.annotations.${string}`, { $exists: boolean }>
  >;
} = {
  $any: [
    { kind: 'component' },
    ...MAPPING_ANNOTATIONS.map(key => ({
      [`metadata.annotations.${key}`]: { $exists: true },
    })),
  ],
};
