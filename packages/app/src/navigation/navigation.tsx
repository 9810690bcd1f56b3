import {
  Sidebar,
  SidebarDivider,
  SidebarGroup,
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
      // The page Apps leads there.
      nav.take('page:deploys/wall');
      return (
        <Sidebar>
          <SidebarLogo />
          <SidebarDivider />
          {/* On a narrow screen the bar is a button that opens the rest: without the group it would have no name. */}
          <SidebarGroup label="Menu" icon={<MenuIcon />}>
            {nav.take('page:catalog')}
            {nav.take('page:scaffolder')}
            {nav.take('page:deploys/apps')}
            {nav.take('page:deploys/matrix')}
            {nav.take('page:runs')}
            {nav.take('page:deploys/sources')}
            {nav.rest({ sortBy: 'title' })}
            <SidebarSpace />
            <SidebarDivider />
            {settings}
          </SidebarGroup>
        </Sidebar>
      );
    },
  },
});

function MenuIcon() {
  return (
    <svg
      width="24"
      height="24"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      aria-hidden
    >
      <path d="M3 6h18M3 12h18M3 18h18" />
    </svg>
  );
}

/** The side bar: services first, then what happens to them. */
export const navigation = createFrontendModule({
  pluginId: 'app',
  extensions: [navContent],
});
