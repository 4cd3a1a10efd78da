// The rules of custody as the SPEC prints them: numbered sentences, and a diagram for each side.
import type { Rule } from "./rule.ts";
import { RULES, type RuleId } from "./rules.ts";

type Machine = Rule["machine"];

function rulesOf(machine: Machine): (readonly [RuleId, Rule])[] {
  return (Object.entries(RULES) as [RuleId, Rule][]).filter(([, rule]) => rule.machine === machine);
}

/** `- **[X1]** HERE, on ask: …` for every rule of a side. */
export function custodyRules(machine: Machine): string {
  return rulesOf(machine)
    .map(([id, { from, to, on, says }]) => `- **[${id}]** ${from}${from === to ? "" : ` → ${to}`}, ${on}. ${says}`)
    .join("\n");
}

/** A mermaid state diagram of the arrows that lead somewhere else. */
export function custodyDiagram(machine: Machine, start: string): string {
  const arrows = rulesOf(machine)
    .filter(([, { from, to }]) => from !== to)
    .map(([id, { from, to, on }]) => `  ${from} --> ${to}: ${id} ${on}`);
  return ["```mermaid", "stateDiagram-v2", `  [*] --> ${start}`, ...arrows, "```"].join("\n");
}
