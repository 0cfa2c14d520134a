import type { Distribution } from '@/api/types';
import { amount } from '@/shared/MetricTable';
import { count } from '@/shared/words';
import classes from './run.module.css';

const HEIGHT = 60;
const WIDTH = 200;

/** How each metric is spread over the talks: the baseline beside the replay. */
export function Distributions({ all }: { all: readonly Distribution[] }) {
  return (
    <>
      <p className="dim">
        <span className={classes['key']} data-side="baseline" />
        baseline <span className={classes['key']} data-side="replay" />
        replay: how many talks have which value
      </p>
      <div className={classes['charts']}>
        {all.map((one) => (
          <Chart key={one.name} of={one} />
        ))}
      </div>
    </>
  );
}

function Chart({ of }: { of: Distribution }) {
  const { edges, baseline, replay, unit } = of;
  const most = Math.max(1, ...baseline, ...replay);
  const step = WIDTH / baseline.length;
  const first = amount(edges[0] ?? null, unit);
  const last = amount(edges.at(-1) ?? null, unit);
  const title = of.name.replace(/_(ms|usd)$/, '').replaceAll('_', ' ');
  return (
    <figure className={classes['chart']}>
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} from ${first} to ${last}. Baseline: ${inWords(baseline)}. Replay: ${inWords(replay)}.`}
      >
        {baseline.map((many, index) => (
          <rect
            key={`b${index}`}
            className={classes['before']}
            x={index * step + step * 0.06}
            width={step * 0.42}
            y={HEIGHT - (many / most) * HEIGHT}
            height={(many / most) * HEIGHT}
          />
        ))}
        {replay.map((many, index) => (
          <rect
            key={`r${index}`}
            className={classes['after']}
            x={index * step + step * 0.52}
            width={step * 0.42}
            y={HEIGHT - (many / most) * HEIGHT}
            height={(many / most) * HEIGHT}
          />
        ))}
      </svg>
      <div className={classes['scale']}>
        <span>{first}</span>
        <span>at most {count(most)} talks</span>
        <span>{last}</span>
      </div>
    </figure>
  );
}

const inWords = (counts: readonly number[]) => counts.join(', ');
