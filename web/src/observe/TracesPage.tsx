import { getRouteApi } from '@tanstack/react-router';
import { TalksPage } from './TalksPage';

const route = getRouteApi('/p/$project/traces');

export function TracesPage() {
  const { project } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <TalksPage
      kind="trace"
      project={project}
      search={route.useSearch()}
      onSearch={(change) =>
        void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
      }
    />
  );
}
