import { act, render, screen } from '@testing-library/react';
import { AgeText, ElapsedText } from './AgeText';

const START = Date.parse('2026-11-21T12:00:00.000Z');

describe('AgeText', () => {
  beforeEach(() => jest.useFakeTimers({ now: START }));
  afterEach(() => jest.useRealTimers());

  it('ticks by itself, without its table', () => {
    const table = jest.fn();
    function Table() {
      table();
      return <AgeText at="2026-11-21T11:59:56.000Z" prefix="as of" />;
    }
    render(<Table />);
    expect(screen.getByText('as of 4 s ago')).toHaveAttribute(
      'datetime',
      '2026-11-21T11:59:56.000Z',
    );
    table.mockClear();
    act(() => jest.advanceTimersByTime(3_000));
    expect(screen.getByText('as of 7 s ago')).toBeInTheDocument();
    expect(table).not.toHaveBeenCalled();
  });

  it('leaves out what the heading of its column says', () => {
    render(<AgeText at="2026-11-19T08:00:00.000Z" bare />);
    expect(screen.getByText('2 d 4 h')).toBeInTheDocument();
  });

  it('has one timer for all of them, and none when they are gone', () => {
    const { unmount } = render(
      <>
        {Array.from({ length: 50 }, (_, index) => (
          <AgeText key={index} at="2026-11-21T11:00:00.000Z" />
        ))}
      </>,
    );
    expect(jest.getTimerCount()).toBe(1);
    unmount();
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('ElapsedText', () => {
  beforeEach(() => jest.useFakeTimers({ now: START }));
  afterEach(() => jest.useRealTimers());

  it('runs until the end is known', () => {
    const { rerender } = render(
      <ElapsedText from="2026-11-21T11:57:50.000Z" />,
    );
    expect(screen.getByText('2:10')).toBeInTheDocument();
    act(() => jest.advanceTimersByTime(5_000));
    expect(screen.getByText('2:15')).toBeInTheDocument();
    rerender(
      <ElapsedText
        from="2026-11-21T11:57:50.000Z"
        to="2026-11-21T12:00:03.000Z"
      />,
    );
    act(() => jest.advanceTimersByTime(60_000));
    expect(screen.getByText('2:13')).toBeInTheDocument();
  });
});
