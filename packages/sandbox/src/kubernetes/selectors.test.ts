import { resourceOfKind } from './resources';
import {
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
} from './selectors';
import { KubernetesObject } from './types';

const withLabels = (labels?: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'storefront', labels },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running' },
});

describe('parseLabelSelector', () => {
  it.each([
    ['app=orders', { app: 'orders' }, true],
    ['app==orders', { app: 'orders' }, true],
    ['app!=orders', { app: 'search' }, true],
    ['app!=orders', {}, true],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['!app', {}, true],
    ['app in (orders, search)', { app: 'search' }, true],
    ['app notin (orders,search)', { app: 'search' }, false],
    ['app in (orders,search),tier=web', { app: 'orders', tier: 'db' }, false],
    [
      'app.kubernetes.io/name=orders,tier',
      { 'app.kubernetes.io/name': 'orders', tier: 'x' },
      true,
    ],
    ['app=', { app: '' }, true],
    ['size>3', { size: '4' }, true],
  ])('%s of %j is %s', (selector, labels, expected) => {
    expect(
      parseLabelSelector(selector)(
        withLabels(labels as Record<string, string>),
      ),
    ).toBe(expected);
  });

  it.each(['app=a b', 'app=a/b', '=x', 'app in (a', `app=${'x'.repeat(64)}`])(
    'refuses %s with 400',
    selector => {
      expect(() => parseLabelSelector(selector)).toThrow(
        expect.objectContaining({ code: 400 }),
      );
    },
  );
});

describe('matchesSelector', () => {
  it('reads expressions; nothing selects nothing, an empty one everything', () => {
    const selector = {
      matchLabels: { app: 'orders' },
      matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }],
    };
    expect(matchesSelector({ app: 'orders', tier: 'web' }, selector)).toBe(
      true,
    );
    expect(matchesSelector({ app: 'orders', tier: 'db' }, selector)).toBe(
      false,
    );
    expect(matchesSelector({ app: 'orders' }, undefined)).toBe(false);
    expect(matchesSelector({}, {})).toBe(true);
  });
});

describe('parseFieldSelector', () => {
  const pods = resourceOfKind('v1', 'Pod')!;

  it.each([
    ['metadata.name=a', true],
    ['metadata.namespace=storefront,status.phase!=Failed', true],
    ['spec.nodeName=n2', false],
    ['status.phase==Running', true],
  ])('%s is %s', (selector, expected) => {
    expect(parseFieldSelector(pods, selector)(withLabels())).toBe(expected);
  });

  it('finds events of an object under the names of both event groups', () => {
    const event: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'storefront' },
      involvedObject: { kind: 'Pod', name: 'a', uid: 'u1' },
      reason: 'Killing',
    };
    const core = parseFieldSelector(
      resourceOfKind('v1', 'Event')!,
      'involvedObject.uid=u1,reason=Killing',
    );
    const newer = parseFieldSelector(
      resourceOfKind('events.k8s.io/v1', 'Event')!,
      'regarding.name=a',
    );
    expect([core(event), newer(event)]).toEqual([true, true]);
  });

  it('refuses a field that the kind does not have', () => {
    expect(() => parseFieldSelector(pods, 'spec.color=red')).toThrow(
      expect.objectContaining({
        code: 400,
        message: expect.stringContaining(
          'field label not supported: spec.color',
        ),
      }),
    );
  });
});
