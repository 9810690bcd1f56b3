const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Without what the fleet leaves out, and what pods use: that is another at each look. */
export function normal(body: any) {
  for (const { resources, podMetrics } of body.items ?? []) {
    for (const usage of podMetrics) {
      usage.pod = usage.pod.metadata.name;
      for (const { cpuUsage, memoryUsage } of [
        { cpuUsage: usage.cpu, memoryUsage: usage.memory },
        ...usage.containers,
      ]) {
        delete cpuUsage.currentUsage;
        delete memoryUsage.currentUsage;
      }
    }
    for (const response of resources) {
      for (const { metadata } of response.resources) {
        delete metadata.managedFields;
        delete metadata.annotations?.[LAST_APPLIED];
      }
    }
  }
  return body;
}

/** Tries until nothing throws any more. */
export async function eventually(check: () => unknown) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (attempt > 40) throw error;
    }
    await new Promise(resolve => setTimeout(resolve, 300));
  }
}
