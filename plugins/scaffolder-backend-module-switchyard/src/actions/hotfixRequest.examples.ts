import { TemplateExample } from '@backstage/plugin-scaffolder-node';

export const hotfixRequestExamples: TemplateExample[] = [
  {
    description: 'Ship a version to production, and wait until it runs there',
    example: `steps:
  - id: ship
    name: Ask for the hotfix
    action: switchyard:hotfix:request
    input:
      entityRef: component:default/orders
      environment: production
      version: v5.3.25
      reason: Totals of large carts are wrong
  - id: wait
    name: Wait for it
    action: switchyard:run:wait
    input:
      runId: \${{ steps.ship.output.runId }}
`,
  },
];
