import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { createKind, createPlan, doing } from '../tests/testKind';
import { ActionKinds } from './ActionKinds';
import { canonicalJson, hashPlan } from './planHash';
import { validatePlan } from './validatePlan';

describe('hashPlan', () => {
  const plan = createPlan({
    intent: { version: 'v1', files: [{ path: 'a', image: 'x' }] },
  });

  it('is the same for the same intent, in whatever order it was written', () => {
    const other = createPlan({
      intent: { files: [{ image: 'x', path: 'a' }], version: 'v1' },
    });
    expect(hashPlan(other)).toBe(hashPlan(plan));
    expect(hashPlan(plan)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, Partial<RunPlan>]>([
    [
      'what the world looked like',
      { changes: [{ system: 'git', what: 'image', before: 'v0' }] },
    ],
    [
      'title, steps, warnings and problems',
      {
        title: 'x',
        steps: [],
        warnings: [],
        problems: [{ what: 'a', why: 'b' }],
      },
    ],
    ['keys', { keys: ['other'] }],
  ])('does not cover %s', (_, change) => {
    expect(hashPlan({ ...plan, ...change })).toBe(hashPlan(plan));
  });

  it.each<[string, Partial<RunPlan>]>([
    ['intent', { intent: { version: 'v2' } }],
    ['order in lists', { intent: { version: 'v1', files: [] } }],
    ['kind', { kind: 'other' }],
    ['version of the plan', { version: 2 }],
    ['component', { entityRef: 'component:default/search' }],
    ['environment', { environment: 'development' }],
  ])('covers %s', (_, change) => {
    expect(hashPlan({ ...plan, ...change })).not.toBe(hashPlan(plan));
  });
});

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: [true, null, 'ü"'] }, '{"a":[true,null,"ü\\""],"b":1}'],
    [{ a: undefined, b: {} }, '{"b":{}}'],
    [[1, [2]], '[1,[2]]'],
    ['x', '"x"'],
  ])('%j', (value, expected) => {
    expect(canonicalJson(value as never)).toBe(expected);
  });
});

describe('validatePlan', () => {
  const kind = createKind({
    handlers: {
      other: { effect: 'idempotent', run: async () => ({ output: {} }) },
    },
  });
  const target = {
    entityRef: 'component:default/orders',
    environment: 'production',
  };
  const validate = (plan: Partial<RunPlan>) =>
    validatePlan(createPlan(plan), kind as never, target);
  const [one, two] = createPlan().steps;

  it('accepts a plan that can be carried out', () => {
    expect(() => validate({})).not.toThrow();
    expect(() =>
      validate({ steps: [], problems: [{ what: 'a', why: 'b' }] }),
    ).not.toThrow();
  });

  it.each<[string, Partial<RunPlan>]>([
    ["its kind is 'x'", { kind: 'x' }],
    ['not the newest', { version: 7 }],
    ['another target', { environment: 'development' }],
    ['no steps', { steps: [] }],
    ['twice', { keys: ['a', 'a'] }],
    ['empty or too long', { keys: [''] }],
    ['the same id', { steps: [one, { ...two, id: 'one', needs: [] }] }],
    ["handler 'nobody'", { steps: [{ ...one, handler: 'nobody' }] }],
    [
      "'none', its handler 'idempotent'",
      { steps: [{ ...one, handler: 'other' }] },
    ],
    ['no time', { steps: [{ ...one, timeoutMs: 0 }] }],
    ['no attempts', { steps: [{ ...one, maxAttempts: 0 }] }],
    ["needs 'zero'", { steps: [{ ...one, needs: ['zero'] }] }],
    ['need each other: one, two', { steps: [{ ...one, needs: ['two'] }, two] }],
    ['need each other: one', { steps: [{ ...one, needs: ['one'] }] }],
  ])('refuses: %s', (message, plan) => {
    expect(() => validate(plan)).toThrow(message);
  });
});

describe('ActionKinds', () => {
  it('names all that can be carried out', () => {
    const kinds = new ActionKinds();
    kinds.add(createKind({ versions: [1, 2] }));
    kinds.add(createKind({ kind: 'other' }));
    expect(kinds.registered).toEqual(['test:1', 'test:2', 'other:1']);
    expect(() => kinds.require('nothing')).toThrow(
      "action: there is no action 'nothing'",
    );
  });

  it.each([
    ['taken', createKind({})],
    ["'lock' cannot be", createKind({ kind: 'lock' })],
    ["'Bad|name' cannot be", createKind({ kind: 'Bad|name' })],
    ['no plan version', createKind({ kind: 'a', versions: [] })],
    [
      "no 'adopt'",
      createKind({
        kind: 'a',
        handlers: { x: { ...doing(() => {}), effect: 'adoptable' } },
      }),
    ],
  ])('refuses: %s', (message, kind) => {
    const kinds = new ActionKinds();
    kinds.add(createKind({}));
    expect(() => kinds.add(kind)).toThrow(message);
  });
});
