import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { EntityContentLayoutBlueprint } from '@backstage/plugin-catalog-react/alpha';

const overviewLayout = EntityContentLayoutBlueprint.make({
  name: 'overview',
  params: {
    filter: { kind: 'component' },
    loader: () =>
      import('./OverviewLayout').then(module => module.OverviewLayout),
  },
});

/** How the pages of components are laid out. */
export const entityPage = createFrontendModule({
  pluginId: 'catalog',
  extensions: [overviewLayout],
});
