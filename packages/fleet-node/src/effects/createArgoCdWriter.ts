import {
  asApplication,
  assertApplicationName,
  scope,
} from '../argocd/DefaultArgoCdReader';
import { connectionOf } from '../argocd/connectionOf';
import { ArgoCdReader, ArgoCdWriter } from '../argocd/types';

/**
 * Makes the half of the Argo CD client that changes something, for the instance of a reader.
 *
 * @param options - `reader`: as `FleetService.argo` hands it out
 * @throws InputError for any other reader
 * @public
 */
export function createArgoCdWriter(options: {
  reader: ArgoCdReader;
}): ArgoCdWriter {
  const connection = connectionOf(options.reader);
  return {
    instance: connection.instance,
    async sync(name, request, { signal }) {
      assertApplicationName(name);
      const { revision, revisions, prune, force, resources, infos } = request;
      const answer = await connection.request({
        method: 'POST',
        path: ['applications', name.name, 'sync'],
        body: {
          ...scope(name),
          name: name.name,
          ...(revision !== undefined && { revision }),
          ...(revisions && {
            revisions,
            // Counted from 1, one for each revision.
            sourcePositions: revisions.map((_, index) => index + 1),
          }),
          prune: prune ?? false,
          // 'hook' is what Argo CD does by itself; 'apply' would leave the hooks out.
          ...(force && { strategy: { hook: { force: true } } }),
          ...(resources && { resources }),
          ...(infos && { infos }),
        },
        application: name.name,
        signal,
      });
      return asApplication(answer, connection.instance);
    },
    async rollback(name, { historyId, prune }, { signal }) {
      assertApplicationName(name);
      const answer = await connection.request({
        method: 'POST',
        path: ['applications', name.name, 'rollback'],
        body: {
          ...scope(name),
          name: name.name,
          id: historyId,
          prune: prune ?? false,
        },
        application: name.name,
        signal,
      });
      return asApplication(answer, connection.instance);
    },
    async patch(name, patch, { signal }) {
      assertApplicationName(name);
      const answer = await connection.request({
        method: 'PATCH',
        path: ['applications', name.name],
        body: {
          ...scope(name),
          name: name.name,
          patch: JSON.stringify(patch),
          patchType: 'merge',
        },
        application: name.name,
        signal,
      });
      return asApplication(answer, connection.instance);
    },
    async create(manifest, { signal }) {
      assertApplicationName(manifest.metadata);
      const answer = await connection.request({
        method: 'POST',
        path: ['applications'],
        body: {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'Application',
          ...manifest,
        },
        application: manifest.metadata.name,
        signal,
      });
      return asApplication(answer, connection.instance);
    },
    async terminate(name, { signal }) {
      assertApplicationName(name);
      await connection.request({
        method: 'DELETE',
        path: ['applications', name.name, 'operation'],
        query: scope(name),
        application: name.name,
        signal,
      });
    },
  };
}
