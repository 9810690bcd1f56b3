/** Requests that the clusters and Argo CD of a portal's sandbox have answered so far. */
export async function upstreamRequests(portal: {
  sandbox: { faults: { url: string } };
}): Promise<number> {
  const response = await fetch(`${portal.sandbox.faults.url}/api/counts`);
  const counts = (await response.json()) as {
    requests?: Record<string, number>;
  };
  if (!counts.requests) throw new Error('The sandbox does not count requests');
  return Object.entries(counts.requests)
    .filter(([part]) => part !== 'the fault page')
    .map(([, count]) => count)
    .reduce((sum, count) => sum + count, 0);
}
