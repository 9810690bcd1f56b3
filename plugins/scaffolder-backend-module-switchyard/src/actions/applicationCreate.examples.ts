import { TemplateExample } from '@backstage/plugin-scaffolder-node';

export const applicationCreateExamples: TemplateExample[] = [
  {
    description:
      'Deploy a component that was published and registered in the steps before, and wait until it runs',
    example: `steps:
  - id: applications
    name: Deploy it
    action: switchyard:application:create
    input:
      entityRef: \${{ steps.register.output.entityRef }}
      environment: production
      repository: \${{ steps.publish.output.remoteUrl }}
      reason: New service
  - id: wait
    name: Wait until it is well
    action: switchyard:run:wait
    input:
      runId: \${{ steps.applications.output.runId }}
`,
  },
];
