import { useApi } from '@backstage/core-plugin-api';
import { ImageVersions } from '@switchyard/backstage-plugin-deploys-common';
import { useCallback } from 'react';
import { deploysApiRef } from '../../api';
import { Reading, useReading } from '../../state';

/** The versions of an image, read once; what was read stays while it is read again. */
export type ImageVersionsState = Reading<ImageVersions>;

/** Which versions the registries of an environment have. */
export function useImageVersions(
  entityRef: string,
  environment: string,
): ImageVersionsState {
  const deploysApi = useApi(deploysApiRef);
  return useReading(
    useCallback(
      options => deploysApi.getVersions(entityRef, environment, options),
      [deploysApi, entityRef, environment],
    ),
  );
}
