import { KubernetesObject } from '../types';

const KINDS = [
  { kind: 'Rollout', plural: 'rollouts', short: ['ro'], hasScale: true },
  { kind: 'AnalysisRun', plural: 'analysisruns', short: ['ar'] },
  { kind: 'AnalysisTemplate', plural: 'analysistemplates', short: ['at'] },
];

/** The CustomResourceDefinitions of Argo Rollouts, without their schemas. */
export const rolloutDefinitions: readonly KubernetesObject[] = KINDS.map(
  ({ kind, plural, short, hasScale }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.argoproj.io` },
    spec: {
      group: 'argoproj.io',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: short,
      },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              'x-kubernetes-preserve-unknown-fields': true,
            },
          },
          // The definition of AnalysisRun has no status of its own.
          subresources: {
            ...(kind === 'Rollout' ? { status: {} } : {}),
            ...(hasScale
              ? {
                  scale: {
                    specReplicasPath: '.spec.replicas',
                    statusReplicasPath: '.status.HPAReplicas',
                    labelSelectorPath: '.status.selector',
                  },
                }
              : {}),
          },
        },
      ],
    },
  }),
);
