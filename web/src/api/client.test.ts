import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addressOf, get, post, remove, setCsrf } from './client';
import { ApiError } from './problem';

let asked: Request[] = [];
let answer: () => Response | Promise<Response> = () => Response.json({});

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push(new Request(new URL(url, 'http://server'), init));
    return Promise.resolve().then(answer);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  setCsrf(null);
});

test('parameters stand in the path and in the query, lists once for each', () => {
  const query = { project_id: 'a b', label: ['x=1', 'y=2'], since: null, count: true };
  expect(addressOf('/runs/{id}', { path: { id: 'a/b' }, query })).toBe(
    '/api/v1/runs/a%2Fb?project_id=a+b&label=x%3D1&label=y%3D2&count=true',
  );
});

test('every post names its attempt, and a repeated one the same', async () => {
  await post('/demo', {});
  await post('/demo', {});
  await post('/demo', { idempotencyKey: 'mine' });
  const keys = asked.map(({ headers }) => headers.get('idempotency-key'));
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys[2]).toBe('mine');
});

test('only unsafe requests carry the token against forgery', async () => {
  setCsrf('token');
  answer = () => new Response(null, { status: 204 });
  await remove('/keys/{id}', { path: { id: 'k' } });
  answer = () => Response.json({});
  await get('/me', {});
  expect(asked.map(({ headers }) => headers.get('x-csrf-token'))).toEqual(['token', null]);
});

test('a problem of the server is thrown with where and what next', async () => {
  const problem = { title: 'Not Found', detail: 'no such run', next_step: 'list them', ids: ['r'] };
  answer = () => Response.json(problem, { status: 404 });
  const error = await get('/runs/{id}', { path: { id: 'r' } }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as ApiError).message).toBe('no such run');
  expect((error as ApiError).problem).toMatchObject({
    status: 404,
    where: 'GET /runs/{id}',
    next_step: 'list them',
    ids: ['r'],
  });
});

test('an answer that is no problem+json is a problem all the same', async () => {
  answer = () => new Response('<html>Bad gateway</html>', { status: 502 });
  const error = await get('/info', {}).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as ApiError).problem).toMatchObject({ status: 502, ids: [] });
});

test('a server that does not answer is told in words', async () => {
  answer = () => Promise.reject(new TypeError('Failed to fetch'));
  await expect(get('/info', {})).rejects.toThrow('The server does not answer.');
});

test('a request that was called off stays what it is', async () => {
  answer = () => Promise.reject(new DOMException('gone', 'AbortError'));
  await expect(get('/info', {})).rejects.toThrow(DOMException);
});
