import { ActionForms } from '@switchyard/backstage-plugin-runs-react';
import { lazy } from 'react';

/**
 * The forms of the actions that deploy. A portal with actions of its own adds theirs: `{ ...deploysActionForms, 'warm-up': { Form } }`.
 *
 * @public
 */
export const deploysActionForms: ActionForms = {
  hotfix: {
    Form: lazy(() =>
      import('../components/HotfixForm').then(m => ({ default: m.HotfixForm })),
    ),
  },
  // Picks a version too.
  override: {
    Form: lazy(() =>
      import('../components/HotfixForm').then(m => ({ default: m.HotfixForm })),
    ),
  },
  sync: {
    Form: lazy(() =>
      import('../components/SyncForm').then(m => ({ default: m.SyncForm })),
    ),
    initialInput: {},
  },
  rollback: {
    Form: lazy(() =>
      import('../components/RollbackForm').then(m => ({
        default: m.RollbackForm,
      })),
    ),
  },
  release: {
    Form: lazy(() =>
      import('../components/ReleaseForm').then(m => ({
        default: m.ReleaseForm,
      })),
    ),
  },
  promote: {
    Form: lazy(() =>
      import('../components/PromoteForm').then(m => ({
        default: m.PromoteForm,
      })),
    ),
    initialInput: {},
  },
  scale: {
    Form: lazy(() =>
      import('../components/ScaleForm').then(m => ({ default: m.ScaleForm })),
    ),
  },
};
