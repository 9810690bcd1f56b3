import { TemplateExample } from '@backstage/plugin-scaffolder-node';

export const lockCreateExamples: TemplateExample[] = [
  {
    description: 'Lock a component in production for a while',
    example: `steps:
  - id: lock
    name: Lock production
    action: switchyard:lock:create
    input:
      entityRef: component:default/orders
      environment: production
      reason: The database is being moved
      expiresAt: '2030-01-31T12:00:00Z'
`,
  },
  {
    description: 'Warn everybody who deploys to a cluster',
    example: `steps:
  - id: warn
    name: Warn
    action: switchyard:lock:create
    input:
      scope: cluster
      cluster: prod-green
      kind: warning
      reason: Nodes are being replaced
`,
  },
];
