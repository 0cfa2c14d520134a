/** Which project was looked at last, so that the front page opens it again. */
const KEPT = 'reenact.project';

export function rememberProject(id: string): void {
  localStorage.setItem(KEPT, id);
}

export function rememberedProject(): string | null {
  return localStorage.getItem(KEPT);
}
