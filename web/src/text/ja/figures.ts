/** Numbers, times and sizes as officials write them. */
import { clock, daysBetween, sizeOf } from "../calendar";

export const number = new Intl.NumberFormat("ja-JP");
const eraDay = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { era: "long", year: "numeric", month: "long", day: "numeric" });
export const day = new Intl.DateTimeFormat("ja-JP", { month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("ja-JP", { weekday: "short" });

export function eraDate(ms: number): string {
  // The first year of an era is 元年; some engines write it as 1年.
  return eraDay.format(ms).replace(/(\p{Script=Han})1年/u, "$1元年");
}
export function dayHead(ms: number, now: number): string {
  const days = daysBetween(ms, now);
  if (days === 0) return "今日";
  if (days === 1) return "昨日";
  return days >= 365 || days < 0 ? eraDate(ms) : `${day.format(ms)}（${weekday.format(ms)}）`;
}
export function when(ms: number, now: number): string {
  const days = daysBetween(ms, now);
  if (days === 0) return `今日 ${clock(ms)}`;
  return days >= 365 || days < 0 ? eraDate(ms) : day.format(ms);
}
export const size = (bytes: number): string => sizeOf(bytes, number, " バイト");

export const comma = "、";
export const gap = "　";
