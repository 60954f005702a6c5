/** Reads and writes what stays on this device; a browser that forbids storage keeps nothing beyond the page. */
export const local = {
  read(key: string): string | null {
    try { return localStorage.getItem(`sekisho.${key}`); } catch { return null; }
  },
  write(key: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(`sekisho.${key}`);
      else localStorage.setItem(`sekisho.${key}`, value);
    } catch { /* Storage is full or forbidden: nothing that the person typed depends on it. */ }
  },
};
