import type { Settings } from '@corch/contract';
import type { Output } from '../output.js';
import { printField } from './fields.js';
import { daysText, limitText, sizeLimitText, timeLimitText } from './limits.js';

/** The longest name and a gap. */
const width = 18;

/** Each setting with the flag that changes it. */
export function printSettings(output: Output, settings: Settings): void {
  if (output.json) return output.document(settings);
  const { maxRunning, keepTasksDays, keepTranscriptsDays, maxStoredMb, approvalWaitSeconds } = settings;
  printField(output, 'max-running', limitText(maxRunning), width);
  printField(output, 'keep-tasks', daysText(keepTasksDays), width);
  printField(output, 'keep-transcripts', daysText(keepTranscriptsDays), width);
  printField(output, 'max-stored', sizeLimitText(maxStoredMb), width);
  printField(output, 'approval-wait', timeLimitText(approvalWaitSeconds), width);
}
