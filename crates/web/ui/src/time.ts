// Times are whole milliseconds on the recording's clock; people read and type `m:ss.mmm`.

/** `83450` → `1:23.450`; from an hour on `1:02:03.004`. */
export function formatPrecise(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  return `${formatClock(whole)}.${String(whole % 1000).padStart(3, "0")}`;
}

/** `83450` → `1:23`, cut to the whole second as clocks do. */
export function formatClock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  if (hours === 0) return `${parts[0]}:${String(parts[1]).padStart(2, "0")}`;
  return [hours, ...parts.map((part) => String(part).padStart(2, "0"))].join(":");
}

/** `83450` → "1 minute 23 seconds", for screen readers. */
export function speakTime(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const count = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? "" : "s"}`;
  const parts: string[] = [];
  if (seconds >= 3600) parts.push(count(Math.floor(seconds / 3600), "hour"));
  if (seconds >= 60) parts.push(count(Math.floor(seconds / 60) % 60, "minute"));
  parts.push(count(seconds % 60, "second"));
  return parts.join(" ");
}

/**
 * Reads `m:ss`, `m:ss.mmm`, `h:mm:ss.mmm` or plain seconds (`83.45`); a comma may stand for the point.
 * Returns whole milliseconds, or null when the text is no time.
 */
export function parseTime(text: string): number | null {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,3})\d*)?$/.exec(text.trim());
  if (!match) return null;
  const [, hours, minutes, seconds, fraction] = match;
  const withinHour = hours === undefined || Number(minutes) < 60;
  const withinMinute = minutes === undefined || (Number(seconds) < 60 && seconds?.length === 2);
  if (!withinHour || !withinMinute) return null;
  const whole = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds);
  return whole * 1000 + Number((fraction ?? "").padEnd(3, "0"));
}
