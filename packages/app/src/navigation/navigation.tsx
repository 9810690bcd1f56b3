import {
  Sidebar,
  SidebarDivider,
  SidebarItem,
  SidebarSpace,
} from '@backstage/core-components';
import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { NavContentBlueprint } from '@backstage/plugin-app-react';
import { SidebarLogo } from './SidebarLogo';

const navContent = NavContentBlueprint.make({
  params: {
    component: ({ navItems }) => {
      const nav = navItems.withComponent(item => (
        <SidebarItem icon={() => item.icon} to={item.href} text={item.title} />
      ));
      const settings = nav.take('page:user-settings');
      return (
        <Sidebar>
          <SidebarLogo />
          <SidebarDivider />
          {nav.take('page:catalog')}
          {nav.take('page:runs')}
          {nav.rest({ sortBy: 'title' })}
          <SidebarSpace />
          <SidebarDivider />
          {settings}
        </Sidebar>
      );
    },
  },
});

/** The side bar: services first, then what happens to them. */
export const navigation = createFrontendModule({
  pluginId: 'app',
  extensions: [navContent],
});
