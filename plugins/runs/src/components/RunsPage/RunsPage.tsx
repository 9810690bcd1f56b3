import { Header, Page } from '@backstage/core-components';
import { RunsRouter } from '../RunsRouter';

/** The pages of runs with the header that the new frontend system draws by itself. */
export function RunsPage() {
  return (
    <Page themeId="tool">
      <Header title="Runs" />
      <RunsRouter />
    </Page>
  );
}
