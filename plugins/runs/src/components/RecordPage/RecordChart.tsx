import { Link } from '@backstage/core-components';
import { makeStyles, useTheme } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import {
  quietColor,
  Tone,
  toneColor,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 12;
const MAX_LABELS = 8;

const useStyles = makeStyles(
  theme => ({
    root: { margin: 0, minWidth: 0 },
    svg: { display: 'block', width: '100%', height: 'auto' },
    text: { fill: quietColor(theme), fontSize: 11 },
    legend: {
      ...theme.typography.body2,
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0, 2),
      color: quietColor(theme),
    },
    key: { display: 'inline-flex', alignItems: 'center', gap: 6 },
    link: {
      '&:focus-visible rect': {
        stroke: theme.palette.text.primary,
        strokeWidth: 2,
      },
    },
  }),
  { name: 'SwitchyardRecordChart' },
);

/** One line or one part of the bars. */
export interface ChartSeries {
  label: string;
  tone: Tone;
  /** Told from others by more than its colour. */
  pattern?: 'solid' | 'dashed';
  /** One per point; undefined where there is nothing to show. */
  values: ReadonlyArray<number | undefined>;
}

/**
 * Numbers over time: stacked bars, or lines. Each point is a link to its runs whose name says its numbers, so that it can be read without seeing
 * it, and reached by keyboard.
 */
export function RecordChart(props: {
  title: string;
  kind: 'bars' | 'lines';
  points: ReadonlyArray<{ label: string; href?: string }>;
  series: readonly ChartSeries[];
  format(value: number): string;
}) {
  const { title, kind, points, series, format } = props;
  const classes = useStyles();
  const theme = useTheme();
  const sums = points.map((_, index) => {
    const all = series.map(({ values }) => values[index] ?? 0);
    return kind === 'bars'
      ? all.reduce((a, b) => a + b, 0)
      : Math.max(0, ...all);
  });
  const top = Math.max(...sums, 1);
  const step = (WIDTH - LEFT) / Math.max(points.length, 1);
  const x = (index: number) => LEFT + step * (index + 0.5);
  const y = (value: number) =>
    HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const every = Math.ceil(points.length / MAX_LABELS);
  const colorOf = ({ tone }: ChartSeries) => toneColor(theme, tone);
  const nameOf = (index: number) =>
    [
      points[index].label,
      ...series.flatMap(({ label, values }) => {
        const value = values[index];
        return value === undefined ? [] : [`${label} ${format(value)}`];
      }),
    ].join(', ');
  return (
    <figure className={classes.root}>
      <Typography variant="h6" component="figcaption">
        {title}
      </Typography>
      <div className={classes.legend} aria-hidden>
        {series.map(each => (
          <span key={each.label} className={classes.key}>
            <svg width={18} height={10}>
              <line
                x1={0}
                x2={18}
                y1={5}
                y2={5}
                stroke={colorOf(each)}
                strokeWidth={kind === 'bars' ? 10 : 3}
                strokeDasharray={each.pattern === 'dashed' ? '4 3' : undefined}
              />
            </svg>
            {each.label}
          </span>
        ))}
      </div>
      <svg
        className={classes.svg}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="group"
        aria-label={title}
      >
        {[0, top / 2, top].map(value => (
          <g key={value} aria-hidden>
            <line
              x1={LEFT}
              x2={WIDTH}
              y1={y(value)}
              y2={y(value)}
              stroke={theme.palette.divider}
            />
            <text
              className={classes.text}
              x={LEFT - 6}
              y={y(value) + 4}
              textAnchor="end"
            >
              {format(value)}
            </text>
          </g>
        ))}
        {kind === 'bars'
          ? points.map((point, index) => {
              let base = 0;
              return (
                <g key={point.label} aria-hidden>
                  {series.map(each => {
                    const value = each.values[index] ?? 0;
                    const from = base;
                    base += value;
                    return (
                      <rect
                        key={each.label}
                        x={x(index) - step * 0.35}
                        width={step * 0.7}
                        y={y(base)}
                        height={Math.max(0, y(from) - y(base))}
                        fill={colorOf(each)}
                      />
                    );
                  })}
                </g>
              );
            })
          : series.map(each => (
              <g key={each.label} aria-hidden>
                {toSegments(each.values).map(segment => (
                  <polyline
                    key={segment[0]}
                    points={segment
                      .map(index => `${x(index)},${y(each.values[index]!)}`)
                      .join(' ')}
                    fill="none"
                    stroke={colorOf(each)}
                    strokeWidth={2}
                    strokeDasharray={
                      each.pattern === 'dashed' ? '6 4' : undefined
                    }
                  />
                ))}
                {each.values.map((value, index) =>
                  value === undefined ? null : (
                    <circle
                      key={points[index].label}
                      cx={x(index)}
                      cy={y(value)}
                      r={3}
                      fill={colorOf(each)}
                    />
                  ),
                )}
              </g>
            ))}
        {points.map((point, index) => (
          <g key={point.label}>
            {index % every === 0 && (
              <text
                className={classes.text}
                x={x(index)}
                y={HEIGHT - 8}
                textAnchor="middle"
                aria-hidden
              >
                {point.label}
              </text>
            )}
            <Point href={point.href} name={nameOf(index)}>
              <rect
                x={LEFT + step * index}
                y={TOP}
                width={step}
                height={HEIGHT - BOTTOM - TOP}
                fill="transparent"
              />
            </Point>
          </g>
        ))}
      </svg>
    </figure>
  );
}

function Point(props: { href?: string; name: string; children: ReactNode }) {
  const { href, name, children } = props;
  const classes = useStyles();
  if (!href)
    return (
      <g role="img" aria-label={name}>
        <title>{name}</title>
        {children}
      </g>
    );
  return (
    <Link to={href} className={classes.link} aria-label={name}>
      <title>{name}</title>
      {children}
    </Link>
  );
}

/** Runs of points that have a value: a gap in a line stays a gap. */
function toSegments(values: ReadonlyArray<number | undefined>): number[][] {
  const segments: number[][] = [];
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue;
    if (index > 0 && values[index - 1] !== undefined && segments.length > 0)
      segments[segments.length - 1].push(index);
    else segments.push([index]);
  }
  return segments;
}
