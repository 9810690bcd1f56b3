import * as client from '@kubernetes/client-node';
import { decode } from './decode';
import { fieldsOf, typeOfKind } from './model';
import { typeTable } from './typeTable';

interface Model {
  attributeTypeMap: Array<{ baseName: string }>;
}

/** Names that the table has for types whose models carry their group in theirs. */
const MODEL_NAMES: Readonly<Record<string, string>> = {
  Event: 'CoreV1Event',
  EventSeries: 'CoreV1EventSeries',
  ResourceClaim: 'CoreV1ResourceClaim',
  Subject: 'RbacV1Subject',
  EventV1: 'EventsV1Event',
  EventV1Series: 'EventsV1EventSeries',
  HorizontalPodAutoscalerV1: 'V1HorizontalPodAutoscaler',
  HorizontalPodAutoscalerV1Spec: 'V1HorizontalPodAutoscalerSpec',
  HorizontalPodAutoscalerV1Status: 'V1HorizontalPodAutoscalerStatus',
};

it('names the fields that the models of the Kubernetes client have', () => {
  const models = client as unknown as Record<string, Model | undefined>;
  for (const type of Object.keys(typeTable)) {
    // Autoscalers are at their second version.
    const model =
      models[MODEL_NAMES[type] ?? `V2${type}`] ??
      models[`V1${type}`] ??
      models[type];
    const known = model?.attributeTypeMap
      .map(attribute => attribute.baseName)
      .sort();
    expect({ type, fields: [...fieldsOf(type)!.keys()].sort() }).toEqual({
      type,
      fields: known,
    });
  }
});

it('names no type that it does not have', () => {
  const named = new Set<string>();
  for (const type of Object.keys(typeTable)) {
    for (const field of fieldsOf(type)!.values()) {
      let { shape } = field;
      while (shape.is === 'list' || shape.is === 'map') {
        shape = shape.of;
      }
      if (shape.is === 'object') {
        named.add(shape.type);
      }
    }
  }
  expect(named.size).toBeGreaterThan(100);
  expect([...named].filter(type => !fieldsOf(type))).toEqual([]);
});

it('keeps the two kinds of events apart', () => {
  expect(typeOfKind('v1', 'Event')).toBe('Event');
  expect(typeOfKind('events.k8s.io/v1', 'Event')).toBe('EventV1');
  expect(typeOfKind('example.com/v1', 'Unheard')).toBeUndefined();
});

describe('decode', () => {
  it('drops what the type does not have and says where it was', () => {
    const { object, unknown } = decode(
      {
        metadata: { name: 'a', colour: 'red' },
        spec: { containers: [{ name: 'c', imgae: 'x' }] },
      },
      'Pod',
    );
    expect(unknown).toEqual(['metadata.colour', 'spec.containers[0].imgae']);
    expect(object).toEqual({
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'c' }] },
    });
  });

  it('takes quantities as numbers and drops nulls', () => {
    const { object } = decode(
      {
        spec: {
          containers: [
            {
              name: 'c',
              args: null,
              resources: { limits: { cpu: 1, memory: '1Gi' } },
            },
          ],
        },
      },
      'Pod',
    );
    expect(object.spec.containers).toEqual([
      { name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' } } },
    ]);
  });

  it.each([
    [
      'a string for a number',
      { spec: { replicas: '3' } },
      /cannot unmarshal string into Go struct field .*replicas of type int32/,
    ],
    [
      'a number for a string',
      { metadata: { labels: { a: 1 } } },
      /cannot unmarshal number .*labels/,
    ],
    [
      'an object for a list',
      { spec: { template: { spec: { containers: {} } } } },
      /cannot unmarshal object/,
    ],
    ['a list for an object', { spec: [] }, /cannot unmarshal array/],
  ])('refuses %s', (_, object, message) => {
    expect(() => decode(object, 'Deployment')).toThrow(message);
  });
});
