/** Which rows are selected. `matching`: everything that the filter finds, whether it is shown or not. */
export interface Selection {
  kind: 'ids' | 'matching';
  ids: ReadonlySet<string>;
  /** Where a range begins: the row that was chosen last. */
  anchor: string | null;
}

export const noSelection: Selection = { kind: 'ids', ids: new Set(), anchor: null };

export type SelectionAct =
  | { type: 'toggle'; id: string }
  /** From the anchor to this row, in the order that is shown. */
  | { type: 'extend'; id: string; order: readonly string[] }
  | { type: 'shown'; order: readonly string[] }
  | { type: 'matching' }
  | { type: 'clear' };

export function nextSelection(selection: Selection, act: SelectionAct): Selection {
  switch (act.type) {
    case 'toggle': {
      const ids = new Set(selection.ids);
      if (!ids.delete(act.id)) ids.add(act.id);
      return { kind: 'ids', ids, anchor: act.id };
    }
    case 'extend': {
      const from = act.order.indexOf(selection.anchor ?? act.id);
      const to = act.order.indexOf(act.id);
      if (to === -1) return selection;
      const range = from === -1 ? [act.id] : act.order.slice(Math.min(from, to), Math.max(from, to) + 1);
      return { kind: 'ids', ids: new Set([...selection.ids, ...range]), anchor: selection.anchor ?? act.id };
    }
    case 'shown':
      return { kind: 'ids', ids: new Set(act.order), anchor: null };
    case 'matching':
      return { ...selection, kind: 'matching' };
    case 'clear':
      return noSelection;
  }
}

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === 'matching' || selection.ids.has(id);
}
