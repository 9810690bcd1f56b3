const FACTORS: Record<string, number> = {
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
const QUANTITY =
  /^([+-]?\d*\.?\d+|[+-]?\d+\.)(?:([eE][+-]?\d+)|([numkMGTPE]i?|Ki)?)$/;

/**
 * The number that a quantity of Kubernetes stands for: cores of `250m`, bytes of `512Mi`. Undefined for what is none.
 *
 * @public
 */
export function parseQuantity(text: string | undefined): number | undefined {
  const match = QUANTITY.exec(text ?? '');
  if (!match) return undefined;
  const [, number, exponent, suffix = ''] = match;
  if (exponent) return Number(`${number}${exponent}`);
  const factor = FACTORS[suffix];
  return factor === undefined ? undefined : Number(number) * factor;
}
