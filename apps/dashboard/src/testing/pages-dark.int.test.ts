import { describe } from '@jest/globals';
import { lookAtPages } from './every-page.js';

describe('in dark', () => lookAtPages('dark'));
