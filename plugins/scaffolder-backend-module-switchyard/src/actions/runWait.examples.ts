import { TemplateExample } from '@backstage/plugin-scaffolder-node';

export const runWaitExamples: TemplateExample[] = [
  {
    description: 'Wait for a run that a step before has asked for',
    example: `steps:
  - id: wait
    name: Wait for the run
    action: switchyard:run:wait
    input:
      runId: \${{ steps.ship.output.runId }}
      timeoutMinutes: 90
`,
  },
];
