/** Asks again and again until the check gives something true; fails with what it last said. */
export async function eventually<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  options: { timeoutMs?: number } = {},
): Promise<T> {
  const end = Date.now() + (options.timeoutMs ?? 40_000);
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) {
      throw new Error(`Did not come true in time: ${check}`);
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
