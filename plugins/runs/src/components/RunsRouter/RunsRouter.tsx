import { Route, Routes } from 'react-router-dom';
import { ApprovalsPage } from '../ApprovalsPage';
import { AuditPage } from '../AuditPage';
import { DeadLettersPage } from '../DeadLettersPage';
import { RightsPage } from '../RightsPage';
import { LocksPage } from '../LocksPage';
import { RecordPage } from '../RecordPage';
import { RunListPage } from '../RunListPage';
import { RunPage } from '../RunPage';
import { NotThere } from '../NotThere';
import { RunsTabs } from '../RunsTabs';
import {
  approvalsRouteRef,
  auditRouteRef,
  deadLettersRouteRef,
  rightsRouteRef,
  locksRouteRef,
  recordRouteRef,
  runRouteRef,
} from '../../routes';

/** The list at the plugin's own path, what waits for the viewer and a run below it. */
export function RunsRouter() {
  return (
    <main>
      <Routes>
        <Route
          path="/"
          element={
            <>
              <RunsTabs current="runs" />
              <RunListPage />
            </>
          }
        />
        <Route
          path={approvalsRouteRef.path}
          element={
            <>
              <RunsTabs current="approvals" />
              <ApprovalsPage />
            </>
          }
        />
        <Route
          path={auditRouteRef.path}
          element={
            <>
              <RunsTabs current="audit" />
              <AuditPage />
            </>
          }
        />
        <Route
          path={deadLettersRouteRef.path}
          element={
            <>
              <RunsTabs current="dead-letters" />
              <DeadLettersPage />
            </>
          }
        />
        <Route
          path={rightsRouteRef.path}
          element={
            <>
              <RunsTabs current="rights" />
              <RightsPage />
            </>
          }
        />
        <Route
          path={locksRouteRef.path}
          element={
            <>
              <RunsTabs current="locks" />
              <LocksPage />
            </>
          }
        />
        <Route
          path={recordRouteRef.path}
          element={
            <>
              <RunsTabs current="record" />
              <RecordPage />
            </>
          }
        />
        <Route path={runRouteRef.path} element={<RunPage />} />
        <Route
          path="*"
          element={
            <NotThere
              title="There is no such page"
              description="The address may be wrong, or what it led to is gone."
            />
          }
        />
      </Routes>
    </main>
  );
}
