// How long a worker may be away when nobody has said it: a machine that people close and carry sleeps.
import { readdirSync } from 'node:fs';

const [serverSeconds, laptopSeconds] = [120, 900];

/** Seconds; `supplies` are the names of the machine's sources of power, as Linux lists them. */
export function defaultLostAfterSeconds(
  platform: NodeJS.Platform = process.platform,
  supplies: readonly string[] = powerSupplies(),
): number {
  // Where nothing is listed: most machines of that make have a battery.
  const isLaptop = platform === 'darwin' || supplies.some((name) => name.startsWith('BAT'));
  return isLaptop ? laptopSeconds : serverSeconds;
}

function powerSupplies(): string[] {
  try {
    return readdirSync('/sys/class/power_supply');
  } catch {
    return [];
  }
}
