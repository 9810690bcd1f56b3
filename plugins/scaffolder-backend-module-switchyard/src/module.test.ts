import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  scaffolderActionsExtensionPoint,
  TemplateAction,
} from '@backstage/plugin-scaffolder-node';
import { parse } from 'yaml';
import { scaffolderModuleSwitchyard } from './module';

async function listActions() {
  const actions: Array<TemplateAction<any, any, any>> = [];
  const backend = await startTestBackend({
    extensionPoints: [
      [
        scaffolderActionsExtensionPoint,
        { addActions: (...added) => actions.push(...added) },
      ],
    ],
    features: [
      scaffolderModuleSwitchyard,
      catalogServiceMock.factory(),
      mockServices.rootConfig.factory({
        data: { app: { baseUrl: 'https://portal.example.com' } },
      }),
    ],
  });
  await backend.stop();
  return actions;
}

it('brings its actions, each with an example that its schema knows', async () => {
  const actions = await listActions();
  expect(actions.map(({ id }) => id)).toEqual([
    'switchyard:application:create',
    'switchyard:hotfix:request',
    'switchyard:lock:create',
    'switchyard:run:wait',
  ]);
  const schemaOf = (id: string) =>
    actions.find(action => action.id === id)!.schema!.input as {
      properties: object;
      required?: string[];
    };
  for (const action of actions) {
    expect(action.supportsDryRun).toBe(true);
    const steps = action.examples!.flatMap(
      ({ example }) => parse(example).steps as Array<any>,
    );
    expect(steps.map(step => step.action)).toContain(action.id);
    for (const step of steps) {
      const { properties, required = [] } = schemaOf(step.action);
      const given = Object.keys(step.input);
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(given));
      expect(given).toEqual(
        expect.arrayContaining(
          required.filter(name => !('default' in (properties as any)[name])),
        ),
      );
    }
  }
});
