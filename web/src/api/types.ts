/** Short names for the shapes of the API. Add those that your room needs. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type ProjectSummary = Schemas['ProjectSummary'];
export type SessionSummary = Schemas['SessionSummary'];
export type UserSummary = Schemas['UserSummary'];
export type Facets = Schemas['Choices'];
export type Filter = Schemas['Filter-Input'];
export type ConversationView = Schemas['ConversationView'];
export type TurnView = Schemas['TurnView'];
export type ToolCallView = Schemas['ToolCallView'];
export type ModelCallView = Schemas['ModelCallView'];
export type SpanView = Schemas['SpanView'];
export type Fidelity = Schemas['Fidelity'];
export type Axis = Schemas['Axis'];
export type Usage = Schemas['Usage'];
export type Cost = Schemas['Cost'];
export type SessionScore = Schemas['SessionScore'];
export type Info = Schemas['Info'];
export type Me = Schemas['Me'];

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
  readonly total: number | null;
}
