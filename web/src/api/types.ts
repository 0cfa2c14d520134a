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
export type Comparison = Schemas['Comparison'];
export type TurnComparison = Schemas['TurnComparison'];
export type TurnStatus = TurnComparison['status'];
export type ToolDiff = Schemas['ToolDiff'];
export type ToolCall = Schemas['ToolCall'];
export type ArgumentChange = Schemas['ArgumentChange'];
export type TextOp = Schemas['TextOp'];
export type Metric = Schemas['Metric'];
export type MetricSummary = Schemas['MetricSummary'];
export type Judgement = Schemas['Judgement'];
export type CallDetail = Schemas['CallDetail'];
export type CallView = Schemas['CallView'];
export type CallRow = Schemas['CallRow'];
export type RunDetail = Schemas['RunDetail'];
export type RunLine = Schemas['RunLine'];
export type RunProgress = Schemas['RunProgress'];
export type Distribution = Schemas['Distribution'];
export type ForkTree = Schemas['ForkTree'];
export type ForkView = Schemas['ForkView'];
export type ReplaySessionMade = Schemas['ReplaySessionMade'];
export type ScenarioGenerated = Schemas['ScenarioGenerated'];
export type TargetChoice = Schemas['TargetChoice'];
export type DryRun = Schemas['DryRun'];

type AskedSchemas = import('./schema.asked').components['schemas'];

export type ReplaySessionAsked = AskedSchemas['ReplaySessionAsked'];
export type RunOptionsAsked = AskedSchemas['RunOptions-Input'];
export type TargetAsked = AskedSchemas['HttpTarget-Input'];
export type ExpectationAsked = AskedSchemas['Expectation-Input'];
export type KeepAsked = AskedSchemas['KeepAsked'];
export type ProofView = Schemas['ProofView'];
export type KeepProposal = Schemas['KeepProposal'];
export type KeptView = Schemas['KeptView'];
export type ScenarioSummary = Schemas['ScenarioSummary'];
export type RowView = Schemas['RowView'];
export type Graph = Schemas['Graph'];
export type AgentDefinition = Schemas['AgentDefinition'];
export type VersionDiff = Schemas['VersionDiff'];
export type KeyView = Schemas['KeyView'];
export type KeyMade = Schemas['KeyMade'];
