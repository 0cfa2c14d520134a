import { Link } from '@tanstack/react-router';
import classes from './Navigation.module.css';
import { GROUPS, ROOMS } from './rooms';

export function Navigation({ project, onGo }: { project: string; onGo: () => void }) {
  return (
    <nav aria-label="Rooms">
      {GROUPS.map((group) => (
        <section key={group} className={classes['group']} aria-label={group}>
          <h2 className={classes['title']}>{group}</h2>
          <ul className={classes['rooms']}>
            {ROOMS.filter((room) => room.group === group).map(({ label, to, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  params={{ project }}
                  className={classes['room']}
                  activeProps={{ 'data-here': true }}
                  activeOptions={{ includeSearch: false }}
                  onClick={onGo}
                >
                  <Icon size={17} stroke={1.7} aria-hidden />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
