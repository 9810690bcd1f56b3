import {
  EntityDeploysState,
  LogsGrant,
  PodContainerState,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  createContext,
  lazy,
  ReactNode,
  Suspense,
  useContext,
  useMemo,
  useState,
} from 'react';
import { TerminalPlace } from '../../api';

/** A pod to open a session in. */
export interface SessionTarget {
  place: Omit<TerminalPlace, 'entityRef'>;
  environment: string;
  containers: readonly PodContainerState[];
}

interface Host {
  grantOf(
    what: 'terminals' | 'commands',
    place: { environment: string; cluster: string },
  ): LogsGrant | undefined;
  open(what: 'terminals' | 'commands', target: SessionTarget): void;
}

const HostContext = createContext<Host | undefined>(undefined);

// The terminal is large: it is loaded by those who open one.
const TerminalDrawer = lazy(() =>
  import('./TerminalDrawer').then(m => ({ default: m.TerminalDrawer })),
);
const CommandDialog = lazy(() =>
  import('./CommandDialog').then(m => ({ default: m.CommandDialog })),
);

/** Holds the terminal of what is inside, so that it stays open when the row that opened it goes. */
export function TerminalHost(props: {
  entityRef: string;
  state: Pick<EntityDeploysState, 'terminals' | 'commands'>;
  children: ReactNode;
}) {
  const { entityRef, state, children } = props;
  const { terminals, commands } = state;
  const [opened, setOpened] = useState<{
    what: 'terminals' | 'commands';
    place: TerminalPlace;
    target: SessionTarget;
  }>();
  const host = useMemo<Host>(
    () => ({
      grantOf: (what, { environment, cluster }) =>
        (what === 'terminals' ? terminals : commands)?.find(
          grant =>
            grant.environment === environment && grant.cluster === cluster,
        ),
      open: (what, target) =>
        setOpened({ what, target, place: { entityRef, ...target.place } }),
    }),
    [entityRef, terminals, commands],
  );
  const View = opened?.what === 'commands' ? CommandDialog : TerminalDrawer;
  return (
    <HostContext.Provider value={host}>
      {children}
      {opened && (
        <Suspense fallback={null}>
          <View
            place={opened.place}
            environment={opened.target.environment}
            containers={opened.target.containers}
            onClose={() => setOpened(undefined)}
          />
        </Suspense>
      )}
    </HostContext.Provider>
  );
}

/** Undefined outside a {@link TerminalHost}. */
export function useTerminalHost(): Host | undefined {
  return useContext(HostContext);
}
