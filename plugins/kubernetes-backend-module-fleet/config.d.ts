export interface Config {
  switchyard?: {
    fleet?: {
      /**
       * Whether the standard Kubernetes tab is answered from the fleet's memory, with the same objects as before, apart from
       * managedFields and last-applied. What the fleet does not hold is fetched as before. Costs three more watches in each cluster:
       * Services, Ingresses and HorizontalPodAutoscalers. Default: false.
       */
      answerKubernetesTab?: boolean;
    };
  };
}
