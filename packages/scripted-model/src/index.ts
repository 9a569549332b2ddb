// A Messages API on loopback that answers from scripts, so that the real Claude Code runs without network and account.
export { type LoggedRequest } from './request-log.js';
export { type SampleRepository, sampleRepository } from './sample-repository.js';
export { Scenario, Script, Scripts, Step, StepError, ToolCall, Usage } from './scenario.js';
export { demoScripts } from './scenarios/demo.js';
export { testScripts } from './scenarios/test.js';
export { type ScriptedModel, type ScriptedModelOptions, startScriptedModel } from './server.js';
