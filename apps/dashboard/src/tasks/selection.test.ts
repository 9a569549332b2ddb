import { describe, expect, it } from '@jest/globals';
import { isSelected, nextSelection, noSelection, type SelectionAct } from './selection.js';

const order = ['a', 'b', 'c', 'd'];
const after = (...acts: SelectionAct[]) => acts.reduce(nextSelection, noSelection);

describe('nextSelection', () => {
  it('toggles rows', () => {
    expect([...after({ type: 'toggle', id: 'b' }).ids]).toEqual(['b']);
    expect([...after({ type: 'toggle', id: 'b' }, { type: 'toggle', id: 'b' }).ids]).toEqual([]);
  });

  it('extends from the row chosen last, both ways', () => {
    const down = after({ type: 'toggle', id: 'b' }, { type: 'extend', id: 'd', order });
    expect([...down.ids]).toEqual(['b', 'c', 'd']);
    expect([...nextSelection(down, { type: 'extend', id: 'a', order }).ids].sort()).toEqual(order);
    expect([...after({ type: 'extend', id: 'c', order }).ids]).toEqual(['c']);
  });

  it('selects everything that matches, until one is toggled', () => {
    const all = after({ type: 'shown', order }, { type: 'matching' });
    expect(isSelected(all, 'not shown')).toBe(true);
    const less = nextSelection(all, { type: 'toggle', id: 'b' });
    expect(isSelected(less, 'not shown')).toBe(false);
    expect(isSelected(less, 'b')).toBe(false);
    expect(isSelected(less, 'a')).toBe(true);
    expect(after({ type: 'shown', order }, { type: 'clear' })).toEqual(noSelection);
  });
});
