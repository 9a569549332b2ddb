// The scripted model that stands in for Claude in demo runs: on loopback, in this process, started when first needed.
import { demoScripts, startScriptedModel, type ScriptedModel } from '@corch/scripted-model';

export class DemoModel {
  private starting: Promise<ScriptedModel> | undefined;

  /** The address for ANTHROPIC_BASE_URL. */
  async url(): Promise<string> {
    this.starting ??= startScriptedModel({ scripts: demoScripts });
    return (await this.starting).url;
  }

  async close(): Promise<void> {
    await (await this.starting)?.close();
    this.starting = undefined;
  }
}
