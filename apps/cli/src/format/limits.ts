/** `4`, or `none`. */
export function limitText(limit: number | null): string {
  return limit === null ? 'none' : String(limit);
}

/** `2m`, `1h30m`, as the flag takes it, or `none`. */
export function timeLimitText(seconds: number | null): string {
  if (seconds === null) return 'none';
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const;
  let left = seconds;
  return units
    .flatMap(([unit, size]) => {
      const amount = Math.floor(left / size);
      left -= amount * size;
      return amount === 0 ? [] : [`${amount}${unit}`];
    })
    .join('');
}

/** `90d`, as the flag takes it, or `none`. */
export function daysText(days: number | null): string {
  return days === null ? 'none' : `${days}d`;
}

/** `20GB`, `1500MB`, as the flag takes it, or `none`. */
export function sizeLimitText(megabytes: number | null): string {
  if (megabytes === null) return 'none';
  const [amount, unit] = [
    [megabytes / 1e6, 'TB'],
    [megabytes / 1e3, 'GB'],
  ].find(([whole]) => Number.isInteger(whole)) ?? [megabytes, 'MB'];
  return `${amount}${unit}`;
}
