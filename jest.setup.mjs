// Jest takes one timeout for all projects; here each size of test gets its own from its `globals`.
import { jest } from '@jest/globals';

jest.setTimeout(globalThis.TEST_TIMEOUT_MS);
