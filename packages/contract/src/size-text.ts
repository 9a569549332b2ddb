const units = ['MB', 'GB', 'TB', 'PB'];

/** `640 MB`, `1.5 GB`, `120 GB`: an amount of bytes as disks are sold. */
export function sizeText(bytes: number): string {
  let [amount, unit] = [bytes / 1e6, 0];
  // 999.5 would be shown as 1000.
  while (amount >= 999.5 && unit < units.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}
