import { createApiRef } from '@backstage/core-plugin-api';
import { PreviewRequest } from '@switchyard/backstage-plugin-runs-common';
import { ComponentType } from 'react';

/**
 * What the form of an action is given.
 *
 * @public
 */
export interface ActionFormProps {
  entityRef: string;
  environment: string;
  /** What is chosen now, so that a form that is shown again goes on where it was. Undefined while the choice is not complete. */
  input: PreviewRequest['input'] | undefined;
  /** Undefined for a choice that is not complete: there is no preview of it. */
  onChange(input: PreviewRequest['input'] | undefined): void;
}

/**
 * How a person says what an action is to do.
 *
 * @public
 */
export interface ActionForm {
  Form: ComponentType<ActionFormProps>;
  /** What is chosen before anybody has touched the form, where that is a complete choice. */
  initialInput?: PreviewRequest['input'];
}

/**
 * Forms by action. An action without one has nothing to choose.
 *
 * @public
 */
export type ActionForms = Readonly<Record<string, ActionForm | undefined>>;

/**
 * Ref of the {@link ActionForms} of a portal. The deploys plugin provides those of its actions.
 *
 * @public
 */
export const actionFormsApiRef = createApiRef<ActionForms>({
  id: 'plugin.runs.action-forms',
});
