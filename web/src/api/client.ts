/** Requests to our own server: JSON in and out, the CSRF value on everything that changes something. */

/** What went wrong, by the server's code; `offline` when no answer came at all. */
export class ApiError extends Error {
  constructor(readonly code: string, readonly detail: string, readonly status: number, readonly traceId: string, readonly retryAfterSeconds: number | null = null) {
    super(code);
  }
}

let csrf = "";
let whenSignedOut: () => void = () => undefined;

export function setCsrf(value: string): void { csrf = value; }
/** Called when the server says that the session has ended. */
export function onSignedOut(listener: () => void): void { whenSignedOut = listener; }
export function csrfHeaders(): Record<string, string> { return csrf ? { "X-Sekisho-CSRF": csrf } : {}; }

/** The error that a response (or its body) describes. Anything may stand in the body: a proxy's page, half of a JSON. */
export function errorOf(status: number, body: string, retryAfter: string | null = null): ApiError {
  const fallback = status === 401 ? "unauthorized" : status === 429 ? "rate_limited" : status === 413 ? "too_large" : status >= 500 ? "unavailable" : "internal";
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  try {
    const error = (JSON.parse(body) as { error?: { code?: unknown; detail?: unknown; trace_id?: unknown } }).error;
    return new ApiError(String(error?.code ?? fallback), String(error?.detail ?? ""), status, String(error?.trace_id ?? ""), seconds);
  } catch {
    return new ApiError(fallback, "", status, "", seconds);
  }
}

export interface RequestOptions { signal?: AbortSignal; accept?: string; keepSession?: boolean }

/** The raw response of a request that succeeded; throws ApiError otherwise. */
export async function open(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: options.accept ?? "application/json" };
  if (method !== "GET") Object.assign(headers, csrfHeaders());
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
    });
  } catch (cause) {
    if (options.signal?.aborted) throw new ApiError("cancelled", "", 0, "");
    throw new ApiError("offline", String(cause), 0, "");
  }
  if (response.ok) return response;
  const error = errorOf(response.status, await response.text().catch(() => ""), response.headers.get("Retry-After"));
  if (response.status === 401 && !options.keepSession) whenSignedOut();
  throw error;
}

export async function call<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
  const response = await open(method, path, body, options);
  const text = await response.text();
  if (text === "") return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError("corrupt", "the answer is not JSON", response.status, "");
  }
}

export const get = <T>(path: string, options?: RequestOptions): Promise<T> => call<T>("GET", path, undefined, options);
export const post = <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> => call<T>("POST", path, body, options);

/** `?a=1&b=2` of what is defined. */
export function query(values: Record<string, string | number | undefined | null>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return pairs.length === 0 ? "" : "?" + pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join("&");
}

/** What was thrown, as an ApiError; anything else is our own bug. */
export function asApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError("internal", String(cause), 0, "");
}
