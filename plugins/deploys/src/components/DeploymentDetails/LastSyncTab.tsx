import { Link } from '@backstage/core-components';
import { humanizeEntityRef } from '@backstage/plugin-catalog-react';
import { parseEntityRef } from '@backstage/catalog-model';
import Typography from '@material-ui/core/Typography';
import {
  DeploymentDetails,
  OperationDetails,
  RelatedApplication,
  SyncedResource,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  CopyButton,
  ElapsedText,
  StatusWord,
  Tone,
} from '@switchyard/backstage-plugin-runs-react';
import { argocdTone } from '../tones';
import { useRunHref } from '../useRunHref';
import { shortRevision } from './shortRevision';
import { useDetailsStyles } from './useDetailsStyles';

const KINDS: Record<OperationDetails['kind'], string> = {
  sync: 'Sync',
  'partial-sync': 'Sync of chosen resources',
  'dry-run': 'Dry run',
  rollback: 'Rollback (runs no hooks)',
};

const resourceTones: Record<string, Tone> = {
  SyncFailed: 'error',
  Pruned: 'neutral',
  PruneSkipped: 'attention',
};

/** What Argo CD did last: what, by whom, from which run, with what result for each resource; and where it comes from. */
export function LastSyncTab(props: { details: DeploymentDetails }) {
  const { details } = props;
  const classes = useDetailsStyles();
  return (
    <div className={classes.stack}>
      {details.operation ? (
        <Operation operation={details.operation} />
      ) : (
        <Typography variant="body2">
          None: Argo CD has not synced this yet.
        </Typography>
      )}
      <dl className={classes.facts}>
        <dt>Who syncs</dt>
        <dd>{details.syncPolicy}</dd>
        {details.sources.map((source, index) => (
          <Source
            key={index}
            title={
              details.sources.length > 1 ? `Source ${index + 1}` : 'Source'
            }
            source={source}
          />
        ))}
        {details.parent && (
          <>
            <dt>Made by</dt>
            <dd>
              <Related application={details.parent} />
            </dd>
          </>
        )}
        {details.children.length > 0 && (
          <>
            <dt>Makes</dt>
            <dd>
              <ul className={classes.list}>
                {details.children.map(child => (
                  <li key={`${child.namespace}/${child.name}`}>
                    <Related application={child} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        {details.withheld && (
          <>
            <dt>Messages, made by, makes</dt>
            <dd>Not shown: {details.withheld}</dd>
          </>
        )}
        {details.reconciledAt && (
          <>
            <dt>Compared</dt>
            <dd>
              <AgeText at={details.reconciledAt} />
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

function Operation(props: { operation: OperationDetails }) {
  const { operation } = props;
  const classes = useDetailsStyles();
  const { phase, text, message, startedAt, finishedAt, retryCount } = operation;
  return (
    <>
      <div className={classes.line}>
        <StatusWord tone={argocdTone(phase)}>{phase}</StatusWord>
        <span>{text}.</span>
      </div>
      {message && (
        <div className={classes.quiet}>
          Argo CD says: {message}
          <CopyButton label="operation message" text={message} />
        </div>
      )}
      <dl className={classes.facts}>
        <dt>What</dt>
        <dd>
          {KINDS[operation.kind]}
          {operation.revisions.length > 0 && ' to '}
          {operation.revisions.map(revision => (
            <span key={revision} className={classes.code} title={revision}>
              {shortRevision(revision)}
              <CopyButton label="revision" text={revision} />
            </span>
          ))}
        </dd>
        <dt>By</dt>
        <dd>
          <Initiator by={operation.by} />
        </dd>
        {startedAt && (
          <>
            <dt>Started</dt>
            <dd>
              <AgeText at={startedAt} />, took{' '}
              <ElapsedText from={startedAt} to={finishedAt} />
              {retryCount ? `, ${retryCount} retries` : ''}
            </dd>
          </>
        )}
        {operation.infos.map(({ name, value }, index) => (
          <Fact key={index} title={name} text={value} />
        ))}
      </dl>
      {operation.resources.length > 0 && (
        <ul className={classes.list} aria-label="What became of each resource">
          {operation.resources.map((resource, index) => (
            <Resource key={index} resource={resource} />
          ))}
          {operation.moreResources > 0 && (
            <li className={classes.quiet}>
              and {operation.moreResources} more, in Argo CD
            </li>
          )}
        </ul>
      )}
    </>
  );
}

function Fact(props: { title: string; text: string }) {
  return (
    <>
      <dt>{props.title}</dt>
      <dd>{props.text}</dd>
    </>
  );
}

function Initiator(props: { by: OperationDetails['by'] }) {
  const { name, automated, run } = props.by;
  const runHref = useRunHref();
  if (automated) return <>Argo CD itself (auto-sync)</>;
  const href = run && runHref(run.id);
  const person = run?.requestedBy ? humanize(run.requestedBy) : undefined;
  return (
    <>
      {person ?? name ?? 'unknown'}
      {run && ' from '}
      {run && (href ? <Link to={href}>a run of Switchyard</Link> : 'a run')}
      {run && name && ` (as ${name} in Argo CD)`}
    </>
  );
}

/** What somebody wrote into an operation may be no entity ref. */
function humanize(ref: string): string {
  try {
    return humanizeEntityRef(parseEntityRef(ref), {
      defaultKind: 'user',
      defaultNamespace: 'default',
    });
  } catch {
    return ref;
  }
}

function Resource(props: { resource: SyncedResource }) {
  const { kind, namespace, name, status, message, hook } = props.resource;
  const classes = useDetailsStyles();
  return (
    <li>
      <div className={classes.line}>
        <StatusWord tone={resourceTones[status] ?? argocdTone(status)}>
          {status}
        </StatusWord>
        <span>
          {kind} {namespace && `${namespace}/`}
          {name}
          {hook && ` (${hook} hook)`}
        </span>
      </div>
      {message && <div className={classes.quiet}>{message}</div>}
    </li>
  );
}

function Source(props: {
  title: string;
  source: DeploymentDetails['sources'][number];
}) {
  const { title, source } = props;
  const { repository, path, chart, ref, targetRevision, revision } = source;
  const classes = useDetailsStyles();
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {repository}
        {(path || chart) && `, ${path ?? `chart ${chart}`}`}
        {ref && ` (values as $${ref})`}
        {targetRevision && `, follows ${targetRevision}`}
        {revision && (
          <>
            , at{' '}
            <span className={classes.code} title={revision}>
              {shortRevision(revision)}
            </span>
            <CopyButton label="revision" text={revision} />
          </>
        )}
      </dd>
    </>
  );
}

function Related(props: { application: RelatedApplication }) {
  const { kind, name, sync, health, url } = props.application;
  const classes = useDetailsStyles();
  return (
    <span className={classes.line}>
      <span>
        {kind} {url ? <Link to={url}>{name}</Link> : name}
      </span>
      {sync && <StatusWord tone={argocdTone(sync)}>{sync}</StatusWord>}
      {health && <StatusWord tone={argocdTone(health)}>{health}</StatusWord>}
    </span>
  );
}
