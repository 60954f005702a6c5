import { signal } from "@preact/signals";

export interface Place { path: string; search: URLSearchParams; hash: string }

function here(): Place {
  return { path: location.pathname, search: new URLSearchParams(location.search), hash: location.hash };
}

export const place = signal<Place>(here());

/** Goes to a page of ours and leaves focus at its beginning. */
export function go(to: string): void {
  history.pushState(null, "", to);
  place.value = here();
  if (!location.hash) window.scrollTo(0, 0);
  requestAnimationFrame(() => document.getElementById("main")?.focus({ preventScroll: true }));
}

/** Changes the address of the page that is on the screen already. */
export function rename(to: string): void {
  history.replaceState(null, "", to);
  place.value = here();
}

/** Links of ours change the page without a reload; everything else is the browser's. */
export function startRouter(): void {
  window.addEventListener("popstate", () => { place.value = here(); });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    const to = link?.getAttribute("href");
    if (!link || !to?.startsWith("/") || to.startsWith("//") || link.hasAttribute("target") || link.hasAttribute("download")) return;
    event.preventDefault();
    go(to);
  });
}

/** The parts after `/name/`, decoded; null when the path is another. */
export function match(path: string, name: string): string[] | null {
  const parts = path.split("/").filter(Boolean);
  if (parts[0] !== name) return null;
  return parts.slice(1).map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
}
