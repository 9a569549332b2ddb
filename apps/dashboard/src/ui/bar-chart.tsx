import { niceMax } from './nice-max.js';

interface Series {
  words: string;
  /** Fill of its bars, as a class. */
  fill: string;
}

interface Bar {
  /** What is said about it on hover. */
  title: string;
  /** Below it, where there is room. */
  label: string;
  /** One for each series, stacked from below. */
  values: readonly number[];
  /** Its time is not over. */
  isPartial?: boolean;
}

interface BarChartProps {
  title: string;
  series: readonly Series[];
  bars: readonly Bar[];
  /** How a value is written. */
  format: (value: number) => string;
}

const height = 140;
/** About so many labels fit below a chart on a phone. */
const mostLabels = 6;

/** Stacked bars over time. Drawn for the eye alone: a table says the same to everybody. */
export function BarChart({ title, series, bars, format }: BarChartProps) {
  const top = niceMax(Math.max(0, ...bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0))));
  const every = Math.max(1, Math.ceil(bars.length / mostLabels));
  return (
    <figure className="min-w-0 rounded-xl border border-line bg-surface p-4">
      <figcaption className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <span className="text-sm font-medium">{title}</span>
        {series.length > 1 && (
          <span className="flex flex-wrap gap-x-3 text-xs text-muted">
            {series.map(({ words, fill }) => (
              <span key={words} className="inline-flex items-center gap-1.5">
                <svg width="9" height="9" aria-hidden>
                  <rect width="9" height="9" rx="2" className={fill} />
                </svg>
                {words}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div aria-hidden className="grid grid-cols-[auto_1fr] gap-x-2 text-xs text-muted">
        <div className="flex flex-col justify-between text-right tabular-nums">
          <span>{format(top)}</span>
          <span>{format(0)}</span>
        </div>
        <svg
          viewBox={`0 0 ${bars.length} ${height}`}
          preserveAspectRatio="none"
          height={height}
          className="block w-full border-b border-line"
        >
          {bars.map((bar, index) => (
            <Stack key={index} bar={bar} index={index} top={top} series={series} />
          ))}
        </svg>
        <span />
        <div className="flex justify-between pt-1">
          {bars
            .filter((_, index) => index % every === 0)
            .map(({ label }, index) => (
              <span key={index} className="truncate">
                {label}
              </span>
            ))}
        </div>
      </div>
    </figure>
  );
}

interface StackProps {
  bar: Bar;
  index: number;
  top: number;
  series: readonly Series[];
}

function Stack({ bar, index, top, series }: StackProps) {
  const starts = bar.values.map((_, at) => bar.values.slice(0, at).reduce((sum, value) => sum + value, 0));
  return (
    <g className={bar.isPartial === true ? 'opacity-60' : ''}>
      <title>{bar.title}</title>
      {/* The whole column answers to the pointer. */}
      <rect x={index} y={0} width={1} height={height} className="fill-transparent hover:fill-sunken" />
      {bar.values.map((value, at) => (
        <rect
          key={at}
          x={index + 0.1}
          y={height - (((starts[at] ?? 0) + value) / top) * height}
          width={0.8}
          height={(value / top) * height}
          className={`pointer-events-none ${series[at]?.fill ?? ''}`}
        />
      ))}
    </g>
  );
}
