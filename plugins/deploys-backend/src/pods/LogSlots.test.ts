import { mockCredentials } from '@backstage/backend-test-utils';
import { LogSlots } from './LogSlots';

const person = (name: string) => mockCredentials.user(`user:default/${name}`);

describe('places for logs', () => {
  it('are limited for a person, in words, with 429', () => {
    const slots = new LogSlots();
    const given = Array.from({ length: 60 }, () => slots.take(person('dana')));
    expect(() => slots.take(person('dana'))).toThrow(
      expect.objectContaining({
        statusCode: 429,
        message: 'You are reading the logs of 60 containers; close one first',
      }),
    );
    const other = slots.take(person('omar'));
    given[0]();
    // Given back once.
    given[0]();
    expect(slots.open).toBe(60);
    slots.take(person('dana'))();
    other();
    for (const back of given) back();
    expect(slots.open).toBe(0);
  });

  it('are limited for all together', () => {
    const slots = new LogSlots();
    for (let index = 0; index < 200; index += 1) {
      slots.take(person(`p${index % 4}`));
    }
    expect(() => slots.take(person('late'))).toThrow(
      expect.objectContaining({ name: 'ServiceUnavailableError' }),
    );
  });
});
