/** What is wrong, where, and what to do next: the errors of the API (problem+json). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly where: string | null;
  readonly next_step: string | null;
  readonly ids: readonly string[];
}

/** Thrown by every call of the API that does not succeed. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** The server could not be reached at all. */
export function unreachable(path: string): Problem {
  return {
    type: 'about:blank',
    title: 'No answer',
    status: 0,
    detail: 'The server does not answer.',
    where: path,
    next_step: 'See whether `reenact serve` is still running, then try again.',
    ids: [],
  };
}

/** Reads the body of a failed answer; whatever it is, a problem comes out. */
export function problemOf(status: number, body: unknown, path: string): Problem {
  const said = isRecord(body) ? body : {};
  return {
    type: textOr(said['type'], 'about:blank'),
    title: textOr(said['title'], `Answer ${status}`),
    status,
    detail: textOr(said['detail'], `The server answered ${status}.`),
    where: textOr(said['where'], null) ?? path,
    next_step: textOr(said['next_step'], null),
    ids: Array.isArray(said['ids']) ? said['ids'].filter((id) => typeof id === 'string') : [],
  };
}

/** Any thrown thing as a problem to show. */
export function shownProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return {
    type: 'about:blank',
    title: 'Defect',
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    where: 'this page',
    next_step: 'Reload the page. If it comes back, please report it.',
    ids: [],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
