// The scripted model that stands in for Claude in demo runs: on loopback, in this process, loaded when first needed.
import type { ScriptedModel } from '@corch/scripted-model';

export class DemoModel {
  private starting: Promise<ScriptedModel> | undefined;

  /** The address for ANTHROPIC_BASE_URL. */
  async url(): Promise<string> {
    this.starting ??= startModel();
    return (await this.starting).url;
  }

  async close(): Promise<void> {
    await (await this.starting)?.close();
    this.starting = undefined;
  }
}

async function startModel(): Promise<ScriptedModel> {
  const { demoScripts, startScriptedModel } = await import('@corch/scripted-model');
  return startScriptedModel({ scripts: demoScripts });
}
