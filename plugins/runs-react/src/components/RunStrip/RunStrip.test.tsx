import { screen } from '@testing-library/react';
import { aRun } from '../../__testUtils__';
import { renderWithRuns } from '../../__testUtils__/renderWithRuns';
import { describeProgress, RunStrip } from './RunStrip';

describe('RunStrip', () => {
  it('says number, title, state, step and time, and leads to the run', async () => {
    const startedAt = new Date(Date.now() - 130_000).toISOString();
    renderWithRuns(
      <RunStrip run={aRun({ startedAt })} runHref={id => `/runs/${id}`} />,
    );
    const strip = await screen.findByRole('region', { name: 'Run #412' });
    expect(strip).toHaveTextContent('Run #412 Ship v5.3.25 to 2 clusters');
    expect(strip).toHaveTextContent('Running');
    expect(strip).toHaveTextContent('step 4/7 Wait for pods');
    expect(strip).toHaveTextContent(/2:1[01]/);
    expect(screen.getByRole('link', { name: 'Open run #412' })).toHaveAttribute(
      'href',
      '/runs/run-412',
    );
  });

  it.each([
    ['', -60_000, true],
    ['not ', 60_000, false],
  ])('says that a step takes %slonger than expected', async (_, ms, said) => {
    const expectedBy = new Date(Date.now() + ms).toISOString();
    renderWithRuns(
      <RunStrip
        run={aRun({ currentStep: { id: 'a', title: 'Wait', expectedBy } })}
      />,
    );
    await screen.findByRole('region', { name: 'Run #412' });
    expect(screen.queryAllByText('Takes longer than expected')).toHaveLength(
      said ? 1 : 0,
    );
  });

  it('stops its clock where a run stopped for a person', async () => {
    renderWithRuns(
      <RunStrip
        run={aRun({
          status: 'needs-attention',
          startedAt: '2026-11-21T08:00:00.000Z',
          finishedAt: '2026-11-21T08:00:05.000Z',
        })}
      />,
    );
    expect(
      await screen.findByRole('region', { name: 'Run #412' }),
    ).toHaveTextContent('0:05');
  });

  it('has no link where the portal has no page of runs', async () => {
    renderWithRuns(<RunStrip run={aRun()} />);
    await screen.findByRole('region', { name: 'Run #412' });
    expect(screen.queryByRole('link')).not.toBeInTheDocument();
  });

  it('tells a run that waits for a person from one that waits for its turn', async () => {
    const since = '2026-11-21T08:00:00.000Z';
    renderWithRuns(
      <>
        <RunStrip
          run={aRun({
            number: 1,
            status: 'waiting',
            waiting: {
              reason: 'parked',
              message: 'Locked by omar',
              since,
              blockers: [],
            },
          })}
        />
        <RunStrip
          run={aRun({
            number: 2,
            status: 'waiting',
            waiting: {
              reason: 'key-taken',
              message: 'Run #1 is ahead',
              since,
              blockers: [],
            },
          })}
        />
      </>,
    );
    const parked = await screen.findByRole('region', { name: 'Run #1' });
    expect(parked).toHaveTextContent('Parked');
    expect(parked).toHaveTextContent('Locked by omar');
    const turn = screen.getByRole('region', { name: 'Run #2' });
    expect(turn).toHaveTextContent('Waiting');
    expect(turn).not.toHaveTextContent('Parked');
  });
});

describe('describeProgress', () => {
  it.each([
    [aRun(), 'step 4/7 Wait for pods'],
    [aRun({ status: 'queued' }), 'waiting for a worker'],
    [aRun({ status: 'succeeded', stepsDone: 7 }), '7 of 7 steps done'],
    [aRun({ status: 'failed', cause: 'ImagePullBackOff' }), 'ImagePullBackOff'],
    [
      aRun({
        currentStep: {
          id: 's',
          title: 'Rollout',
          progress: '3 of 5 pods ready',
        },
      }),
      'step 4/7 Rollout · 3 of 5 pods ready',
    ],
    [
      aRun({ status: 'cancelled', currentStep: undefined }),
      '3 of 7 steps done',
    ],
  ])('%#', (run, text) => {
    expect(describeProgress(run)).toBe(text);
  });
});
