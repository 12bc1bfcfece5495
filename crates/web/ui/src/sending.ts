// The pure parts of sending a file: what to say, how long to wait before trying again, what an answer means.

/** Sizes as people say them: `3 MB`, `0.4 MB`, `1.2 GB`. */
export function formatSize(bytes: number): string {
  const mega = bytes / 1_000_000;
  if (mega >= 1000) return `${(mega / 1000).toFixed(1)} GB`;
  return mega >= 10 ? `${Math.round(mega)} MB` : `${Math.max(0.1, mega).toFixed(1)} MB`;
}

/** "12 of 40 MB – about 2 minutes left"; the time appears once there is something to judge by. */
export function progressLine(sent: number, total: number, elapsedMs: number): string {
  if (sent >= total) return "All of it has arrived. One moment, we are checking it.";
  const line = `${formatSize(sent)} of ${formatSize(total)}`;
  if (elapsedMs < 3000 || sent <= 0) return line;
  const leftSeconds = ((total - sent) / sent) * (elapsedMs / 1000);
  if (leftSeconds < 50) return `${line} – less than a minute left`;
  const minutes = Math.round(leftSeconds / 60);
  return minutes <= 1 ? `${line} – about a minute left` : `${line} – about ${minutes} minutes left`;
}

/** Wait before attempt `attempt` (1 = first retry), in milliseconds: 2, 4, 8, 16, then every 30 seconds. */
export function retryDelay(attempt: number): number {
  return attempt >= 5 ? 30_000 : 1000 * 2 ** attempt;
}

export type Outcome = "arrived" | "retry" | "refused";

/** What the server's answer to the file means; status 0 is a broken connection. */
export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return "arrived";
  return status === 0 || status === 408 || status === 429 || status >= 500 ? "retry" : "refused";
}
