// Moments as they are where the reader is. Without scripts they are read and typed in UTC, and say so.

const day = { day: "numeric", month: "long", year: "numeric" } as const;
const formats = {
  day: new Intl.DateTimeFormat("en-GB", day),
  moment: new Intl.DateTimeFormat("en-GB", { ...day, hour: "2-digit", minute: "2-digit" }),
};

/** The day and the hour of a moment here, as inputs take them. */
export function hereOf(moment: Date): { day: string; time: string } {
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    day: `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
    time: `${two(moment.getHours())}:${two(moment.getMinutes())}`,
  };
}

/** How many minutes the clocks here are ahead of UTC at that hour of that day; 0 if it is none. */
export function aheadOfUtc(day: string, time: string): number {
  const offset = -new Date(`${day}T${time}`).getTimezoneOffset();
  return Number.isNaN(offset) ? 0 : offset;
}

/** Says every moment of the page in local time, and reads what is typed in local time. */
export function localTimes(): void {
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const format = element.dataset["local"] === "day" ? formats.day : formats.moment;
    element.textContent = format.format(moment);
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-local-time]")) {
    const input = (name: string) => form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
    const [day, time, zone] = [input("day"), input("time"), input("zone")];
    if (!day || !time || !zone) continue;
    for (const hint of form.querySelectorAll<HTMLElement>("[data-utc]")) hint.hidden = true;
    const before = new Date(form.dataset["localTime"] ?? "");
    if (!Number.isNaN(before.getTime())) {
      const here = hereOf(before);
      day.value = here.day;
      time.value = here.time;
    }
    const fill = () => {
      zone.value = String(aheadOfUtc(day.value, time.value));
    };
    form.addEventListener("input", fill);
    form.addEventListener("submit", fill);
    fill();
  }
}
