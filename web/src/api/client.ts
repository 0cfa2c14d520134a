/** Typed calls of the API: paths, queries, bodies and answers are those of `openapi.json`. */
import type { paths } from './schema';
import type { paths as asked } from './schema.asked';
import { ApiError, problemOf, unreachable } from './problem';

const PREFIX = '/api/v1';
type Prefix = typeof PREFIX;
type Verb = 'get' | 'post' | 'put' | 'delete';

/** The paths that take `V`, without their prefix. */
export type PathOf<V extends Verb> = {
  [P in keyof paths]: paths[P][V] extends object
    ? P extends `${Prefix}${infer Rest}`
      ? Rest
      : never
    : never;
}[keyof paths];

type Operation<V extends Verb, P extends string> = `${Prefix}${P}` extends keyof paths
  ? paths[`${Prefix}${P}`][V]
  : never;

/** The same, where what has a default may be left out. */
type Asked<V extends Verb, P extends string> = `${Prefix}${P}` extends keyof asked
  ? asked[`${Prefix}${P}`][V]
  : never;

type In<Op, Where extends 'query' | 'path'> = Op extends {
  readonly parameters: { readonly [W in Where]?: infer Found };
}
  ? NonNullable<Found>
  : never;

type BodyOf<Op> = Op extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : undefined;

type JsonOf<Answer> = Answer extends { content: { 'application/json': infer Json } } ? Json : never;

/** What a call answers: the JSON of its 200, 201 or 202; nothing of a 204. */
export type AnswerOf<V extends Verb, P extends PathOf<V>> =
  Operation<V, P> extends { responses: infer All }
    ? 204 extends keyof All
      ? undefined
      : { [S in keyof All]: S extends 200 | 201 | 202 ? JsonOf<All[S]> : never }[keyof All]
    : never;

type Given<Name extends string, T> = [T] extends [never] | [undefined]
  ? { readonly [N in Name]?: undefined }
  : Partial<T> extends T
    ? { readonly [N in Name]?: T }
    : { readonly [N in Name]: T };

/** What a call is given. */
export type AskOf<V extends Verb, P extends PathOf<V>> = Given<'query', In<Asked<V, P>, 'query'>> &
  Given<'path', In<Asked<V, P>, 'path'>> &
  Given<'body', BodyOf<Asked<V, P>>> & {
    readonly signal?: AbortSignal;
    /** Names an attempt: the same key twice is carried out once. A fresh one by default. */
    readonly idempotencyKey?: string;
  };

interface Loose {
  readonly query?: object | undefined;
  readonly path?: object | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
}

let csrf: string | null = null;

/** Sets what unsafe requests carry as X-CSRF-Token: the value of `GET /me`. */
export function setCsrf(token: string | null): void {
  csrf = token;
}

export const get = <P extends PathOf<'get'>>(path: P, ask: AskOf<'get', P>) =>
  call('get', path, ask) as Promise<AnswerOf<'get', P>>;

export const post = <P extends PathOf<'post'>>(path: P, ask: AskOf<'post', P>) =>
  call('post', path, ask) as Promise<AnswerOf<'post', P>>;

export const put = <P extends PathOf<'put'>>(path: P, ask: AskOf<'put', P>) =>
  call('put', path, ask) as Promise<AnswerOf<'put', P>>;

export const remove = <P extends PathOf<'delete'>>(path: P, ask: AskOf<'delete', P>) =>
  call('delete', path, ask) as Promise<AnswerOf<'delete', P>>;

/** The address of a path, with its parameters filled in; for links and event streams. */
export function addressOf(path: string, { path: parts = {}, query = {} }: Loose = {}): string {
  let address = PREFIX + path;
  for (const [name, value] of Object.entries(parts)) {
    address = address.replace(`{${name}}`, encodeURIComponent(String(value)));
  }
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined && one !== null) asked.append(name, String(one));
    }
  }
  const text = asked.toString();
  return text ? `${address}?${text}` : address;
}

async function call(verb: Verb, path: string, ask: Loose): Promise<unknown> {
  const address = addressOf(path, ask);
  const headers = headersOf(verb, ask);
  let response: Response;
  try {
    response = await fetch(address, {
      method: verb.toUpperCase(),
      headers,
      body: ask.body === undefined ? null : JSON.stringify(ask.body),
      signal: ask.signal ?? null,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(unreachable(`${verb.toUpperCase()} ${path}`));
  }
  if (!response.ok) {
    const said: unknown = await response.json().catch(() => null);
    throw new ApiError(problemOf(response.status, said, `${verb.toUpperCase()} ${path}`));
  }
  return response.status === 204 ? undefined : ((await response.json()) as unknown);
}

function headersOf(verb: Verb, ask: Loose): Headers {
  const headers = new Headers({ accept: 'application/json' });
  if (ask.body !== undefined) headers.set('content-type', 'application/json');
  if (verb === 'post') headers.set('idempotency-key', ask.idempotencyKey ?? freshKey());
  if (verb !== 'get' && csrf !== null) headers.set('x-csrf-token', csrf);
  return headers;
}

/** A key that no other attempt has. Pages over plain http have no `crypto.randomUUID`. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
