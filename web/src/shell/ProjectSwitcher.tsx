import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { projectsQuery } from '@/api/queries';
import { visible } from '@/shared/safeText';
import { rememberProject } from './lastProject';

/** Which project is looked at. One that was opened by its address is listed too, even if empty. */
export function ProjectSwitcher({ project }: { project: string }) {
  const navigate = useNavigate();
  const { data } = useQuery(projectsQuery);
  const ids = [...new Set([...(data?.items ?? []).map(({ id }) => id), project])];
  return (
    <Select
      aria-label="Project"
      data={ids.map((id) => ({ value: id, label: visible(id) }))}
      value={project}
      searchable={ids.length > 8}
      allowDeselect={false}
      comboboxProps={{ shadow: 'md' }}
      onChange={(id) => {
        if (id === null || id === project) return;
        rememberProject(id);
        void navigate({ to: '/p/$project/sessions', params: { project: id } });
      }}
    />
  );
}
