/** A time for plans and logs, which people in several zones read: 'Fri, 20 Nov 2026 11:59:00 GMT'. */
export function exactly(iso: string): string {
  return new Date(iso).toUTCString();
}
