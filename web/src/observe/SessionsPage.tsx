import { getRouteApi } from '@tanstack/react-router';
import { TalksPage } from './TalksPage';

const route = getRouteApi('/p/$project/sessions');

export function SessionsPage() {
  const { project } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <TalksPage
      kind="session"
      project={project}
      search={route.useSearch()}
      onSearch={(change) =>
        void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
      }
    />
  );
}
