const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Value of a quantity: `250m` is 0.25, `512Mi` 536870912. What is none is 0. */
export function parseQuantity(quantity: string | number | undefined): number {
  const match =
    /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(
      String(quantity ?? ''),
    );
  return match ? Number(match[1]) * UNITS[match[2] ?? ''] : 0;
}

const BINARY_UNITS = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/** A number of cores, or of things: `1`, `250m`. */
export function formatCount(value: number): string {
  const thousandths = Math.round(value * 1000);
  return thousandths % 1000 === 0
    ? String(thousandths / 1000)
    : `${thousandths}m`;
}

/** A number of bytes in the largest unit that divides it: `1536Mi`. */
export function formatBytes(bytes: number): string {
  const whole = Math.round(bytes);
  const unit = BINARY_UNITS.find(
    each => whole !== 0 && whole % UNITS[each] === 0,
  );
  return unit ? `${whole / UNITS[unit]}${unit}` : String(whole);
}

/** A sum as Kubernetes writes it for a resource: `requests.memory` in bytes, others as numbers. */
export function formatQuantity(resource: string, value: number): string {
  return /memory|storage/.test(resource)
    ? formatBytes(value)
    : formatCount(value);
}
