import type { Settings } from '@corch/contract';
import type { Output } from '../output.js';
import { printField } from './fields.js';
import { limitText, timeLimitText } from './limits.js';

/** Each setting with the flag that changes it. */
export function printSettings(output: Output, settings: Settings): void {
  if (output.json) return output.document(settings);
  const { maxRunning, keepTasksDays, approvalWaitSeconds } = settings;
  printField(output, 'max-running', limitText(maxRunning));
  printField(output, 'keep-tasks', keepTasksDays === null ? 'none' : `${keepTasksDays}d`);
  printField(output, 'approval-wait', timeLimitText(approvalWaitSeconds));
}
