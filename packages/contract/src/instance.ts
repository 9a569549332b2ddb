import { z } from 'zod';

/** Colours that tell one orchestrator from another. */
export const InstanceColour = z.enum(['slate', 'red', 'orange', 'amber', 'green', 'teal', 'blue', 'violet', 'pink']);
export type InstanceColour = z.infer<typeof InstanceColour>;

/** Which orchestrator this is, as whoever runs it says. */
export const Instance = z.object({
  /** Such as `prod`; null when nobody said. */
  name: z.string().nullable(),
  colour: InstanceColour.nullable(),
});
export type Instance = z.infer<typeof Instance>;

/** What answers here. */
export const Version = z.object({ version: z.string(), protocol: z.number().int(), instance: Instance });
export type Version = z.infer<typeof Version>;
