import {
  AnalysisState,
  RolloutState,
  RolloutVersion,
  WorkloadState,
} from '@switchyard/backstage-plugin-deploys-common';
import { AgeText, StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { analysisTone, rolloutTone } from '../tones';
import { useDetailsStyles } from './useDetailsStyles';

type AnalysedMetric = AnalysisState['metrics'][number];

/** What Argo Rollouts does with the Rollouts among some workloads, and what their analyses have found out. */
export function RolloutFacts(props: { workloads: readonly WorkloadState[] }) {
  return (
    <>
      {props.workloads.map(
        ({ uid, name, rollout }) =>
          rollout && <Facts key={uid} name={name} rollout={rollout} />,
      )}
    </>
  );
}

function Facts(props: { name: string; rollout: RolloutState }) {
  const { name, rollout } = props;
  const { status, text, message, paused, stable, next, analyses } = rollout;
  const classes = useDetailsStyles();
  return (
    <dl className={classes.facts} aria-label={`Rollout ${name}`}>
      <dt>Rollout {name}</dt>
      <dd>
        <StatusWord tone={rolloutTone(status)}>{text}</StatusWord>
        {paused?.since && (
          <div className={classes.quiet}>
            <AgeText prefix="since" at={paused.since} />
            {paused.until &&
              `, goes on by itself at ${new Date(
                paused.until,
              ).toLocaleString()}`}
          </div>
        )}
        {message && (
          <div className={classes.quiet}>Argo Rollouts says: {message}</div>
        )}
      </dd>
      {stable && (
        <>
          <dt>Stable</dt>
          <dd>
            <Version of={stable} />
          </dd>
        </>
      )}
      {next && (
        <>
          <dt>New</dt>
          <dd>
            <Version of={next} />
          </dd>
        </>
      )}
      {analyses.length > 0 && (
        <>
          <dt>Analyses</dt>
          <dd>
            <ul className={classes.list}>
              {analyses.map(analysis => (
                <li key={analysis.name}>
                  <Analysis analysis={analysis} />
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}

function Version(props: { of: RolloutVersion }) {
  const { version, hash } = props.of;
  const classes = useDetailsStyles();
  return (
    <>
      {version} <span className={classes.quiet}>pods {hash}</span>
    </>
  );
}

function Analysis(props: { analysis: AnalysisState }) {
  const { name, phase, message, startedAt, metrics } = props.analysis;
  const classes = useDetailsStyles();
  return (
    <>
      <div className={classes.line}>
        <StatusWord tone={analysisTone(phase)}>{phase}</StatusWord>
        <span>{name}</span>
        {startedAt && (
          <span className={classes.quiet}>
            <AgeText at={startedAt} />
          </span>
        )}
      </div>
      {message && <div className={classes.quiet}>{message}</div>}
      {metrics.map(metric => (
        <div key={metric.name} className={classes.line}>
          <span>{metric.name}</span>
          <StatusWord tone={analysisTone(metric.phase)}>
            {metric.phase}
          </StatusWord>
          <span className={classes.quiet}>
            {[describeCounts(metric), metric.message]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </div>
      ))}
    </>
  );
}

function describeCounts(metric: AnalysedMetric): string {
  const { successful, failed, inconclusive, errors, value } = metric;
  return [
    `${successful} good`,
    `${failed} failed`,
    inconclusive > 0 && `${inconclusive} inconclusive`,
    errors > 0 && `${errors} not measured`,
    value !== undefined && `newest value ${value}`,
  ]
    .filter(Boolean)
    .join(', ');
}
