import { Page } from '@/shared/Page';
import classes from './Welcome.module.css';
import { NoDataYet } from './NoDataYet';
import { SchemeSwitch } from './SchemeSwitch';

/** The front page while there is no project at all. */
export function Welcome() {
  return (
    <main className={classes['welcome']}>
      <div className={classes['bar']}>
        <img src="/favicon.svg" alt="" width={26} height={26} />
        <span className={classes['name']}>Reenact</span>
        <SchemeSwitch />
      </div>
      <Page title="Rerun the exact conversation that went wrong">
        <p className="dim">
          Reenact takes the traces that your agent sends already. Pick the conversation that went
          wrong, replay it against the changed agent, compare turn by turn, and keep it as a test.
        </p>
        <NoDataYet />
      </Page>
    </main>
  );
}
