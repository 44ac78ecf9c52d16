const timeFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dateFormat = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

/** Calls `onMinute(date)` now and at each full minute. */
export function everyMinute(onMinute) {
  const now = new Date();
  onMinute(now);
  setTimeout(() => everyMinute(onMinute), 60_020 - (now.getSeconds() * 1000 + now.getMilliseconds()));
}

export function showTime(element, date) {
  element.textContent = timeFormat.format(date);
  element.dateTime = date.toISOString();
}

export const dateText = (date) => dateFormat.format(date);
