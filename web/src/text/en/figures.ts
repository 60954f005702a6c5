/** Numbers, times and sizes in English. */
import { clock, daysBetween, sizeOf } from "../calendar";

export const number = new Intl.NumberFormat("en-GB");
const fullDay = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "long", day: "numeric" });
export const day = new Intl.DateTimeFormat("en-GB", { month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short" });

export const eraDate = (ms: number): string => fullDay.format(ms);
export function dayHead(ms: number, now: number): string {
  const days = daysBetween(ms, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return days >= 365 || days < 0 ? eraDate(ms) : `${weekday.format(ms)}, ${day.format(ms)}`;
}
export function when(ms: number, now: number): string {
  const days = daysBetween(ms, now);
  if (days === 0) return `Today ${clock(ms)}`;
  return days >= 365 || days < 0 ? eraDate(ms) : day.format(ms);
}
export const size = (bytes: number): string => sizeOf(bytes, number, bytes === 1 ? " byte" : " bytes");

/** "1 page", "2 pages". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

export const comma = ", ";
export const gap = " · ";
