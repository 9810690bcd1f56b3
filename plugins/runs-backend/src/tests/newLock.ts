import { NewLock } from '../database/types';

/** A lock of omar, on a component unless it says otherwise. */
export function newLock(lock: Partial<NewLock>): NewLock {
  return {
    scope: 'component',
    kind: 'lock',
    reason: 'Stock-taking',
    createdBy: 'user:default/omar',
    holderMayDeploy: true,
    ...lock,
  };
}
