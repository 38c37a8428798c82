/** Numbers, sizes and dates as people read them. */

const THIN_SPACE = "\u2009";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Write a whole number with thin spaces between thousands: 98 304. */
export function wholeNumber(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** Write a number of things: 1 slide, 18 slides. */
export function counted(count: number, one: string, many: string): string {
  return `${wholeNumber(count)} ${count === 1 ? one : many}`;
}

/** Write a file's size with three digits: 1.94 MB. */
export function fileSize(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0
    ? `${wholeNumber(value)} bytes`
    : `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** Write a length in millimetres with two decimals: 41.28. */
export function millimetres(um: number): string {
  return (um / 1000).toFixed(2);
}

/** Write µm per pixel with the digits a scanner's calibration has: 0.25, 0.4990 as 0.499. */
export function micrometres(mpp: number): string {
  return String(Number(mpp.toPrecision(4)));
}

/** Write a day: relative for a week, then 12 Nov 2025. */
export function day(when: Date, now: Date): string {
  const passed = now.getTime() - when.getTime();
  if (passed >= 0 && passed < HOUR_MS) return `${Math.max(1, Math.floor(passed / 60_000))} min ago`;
  const days = Math.round((midnight(now) - midnight(when)) / DAY_MS);
  if (days === 0 && passed >= 0) return `${Math.floor(passed / HOUR_MS)} h ago`;
  if (days === 1) return "yesterday";
  if (days > 1 && days < 7) return `${days} days ago`;
  return `${when.getDate()} ${MONTHS[when.getMonth()]} ${when.getFullYear()}`;
}

/** Write an instant to the second, by the clock on the wall: 12 Nov 2025 14:03:09. */
export function instantLong(when: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = [when.getHours(), when.getMinutes(), when.getSeconds()].map(two).join(":");
  return `${when.getDate()} ${MONTHS[when.getMonth()]} ${when.getFullYear()} ${clock}`;
}

function midnight(when: Date): number {
  return new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
}
