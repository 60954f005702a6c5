import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { asApiError, type ApiError } from "../api/client";

export interface Loaded<T> { data: T | null; error: ApiError | null; loading: boolean; reload: () => Promise<void>; set: (data: T) => void }

/** Loads once for each `key`, and again on `reload()`. An answer for an older key is dropped. */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: ApiError | null; loading: boolean }>({ key, data: null, error: null, loading: true });
  const run = useRef<AbortController | null>(null);
  const loader = useRef(load);
  loader.current = load;
  const reload = useCallback(async () => {
    run.current?.abort();
    const control = new AbortController();
    run.current = control;
    try {
      const data = await loader.current(control.signal);
      if (run.current === control) setState({ key, data, error: null, loading: false });
    } catch (cause) {
      const error = asApiError(cause);
      if (run.current === control && error.code !== "cancelled") setState((old) => ({ key, data: old.key === key ? old.data : null, error, loading: false }));
    }
  }, [key]);
  useEffect(() => {
    setState((old) => (old.key === key ? old : { key, data: null, error: null, loading: true }));
    void reload();
    return () => run.current?.abort();
  }, [key, reload]);
  const fresh = state.key === key ? state : { key, data: null, error: null, loading: true };
  return { data: fresh.data, error: fresh.error, loading: fresh.loading, reload, set: (data) => setState({ key, data, error: null, loading: false }) };
}
