import { InputError } from '@backstage/errors';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Names reach us from annotations and requests. Checked by the rules of Kubernetes before they become part of an address, so that
 * none can leave its place; encoding is a second fence.
 *
 * @throws InputError
 * @internal
 */
export function assertObjectName(name: string, what: string): void {
  if (!DNS_SUBDOMAIN.test(name) || name.includes('..')) {
    throw new InputError(`${what} is not a name that Kubernetes allows`);
  }
}

/**
 * For namespaces and containers, whose rules are narrower.
 *
 * @throws InputError
 * @internal
 */
export function assertLabelName(name: string, what: string): void {
  if (!DNS_LABEL.test(name)) {
    throw new InputError(`${what} is not a name that Kubernetes allows`);
  }
}
