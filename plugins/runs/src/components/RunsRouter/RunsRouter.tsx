import { Route, Routes } from 'react-router-dom';
import { RunListPage } from '../RunListPage';
import { RunPage } from '../RunPage';
import { runRouteRef } from '../../routes';

/** The list at the plugin's own path, a run below it. */
export function RunsRouter() {
  return (
    <main>
      <Routes>
        <Route path="/" element={<RunListPage />} />
        <Route path={runRouteRef.path} element={<RunPage />} />
      </Routes>
    </main>
  );
}
