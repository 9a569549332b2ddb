import type { View } from '@corch/contract';
import type { Client } from '@corch/contract/client';

/** A saved view by its name, in any case. Of several with one name the caller's own; `own`: no other one. */
export async function findView(client: Client, name: string, whose: 'own' | 'any'): Promise<View | undefined> {
  const { data } = await client.listViews();
  const named = data.filter((view) => view.name.toLowerCase() === name.trim().toLowerCase());
  return named.find(({ mine }) => mine) ?? (whose === 'any' ? named[0] : undefined);
}
