import { useApi } from '@backstage/core-plugin-api';
import { FleetSearchResult } from '@switchyard/backstage-plugin-deploys-common';
import { useEffect, useState } from 'react';
import { fleetApiRef } from './FleetApi';

const MIN_LENGTH = 3;
/** Whoever types goes on typing. */
const WAIT_MS = 250;

/** What the backend finds for a text: pods, images, commits. Old hits stay until there are new ones. */
export function useFleetSearch(text: string): {
  result?: FleetSearchResult;
  error?: Error;
} {
  const fleetApi = useApi(fleetApiRef);
  const query = text.trim();
  const [state, setState] = useState<{
    result?: FleetSearchResult;
    error?: Error;
  }>({});
  useEffect(() => {
    if (query.length < MIN_LENGTH) {
      setState({});
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => {
      fleetApi.searchFleet(query, { signal }).then(
        result => !signal.aborted && setState({ result }),
        error => !signal.aborted && setState({ error }),
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [fleetApi, query]);
  return state;
}
