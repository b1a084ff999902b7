import type { Recipe } from '@hydraai/core'
import type { JobCosts } from './costs.ts'
import type { RealStretch } from './real.ts'
import type { Scenario, Stretch } from './scenario.ts'

/** At steady state, of the CPU time of all nodes. */
export const MAX_VERIFICATION = 0.15
/** Of a node's time. */
export const MIN_TRAINING = 0.85

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const mark = (isMet: boolean): string => (isMet ? '✓' : '✗')
const amount = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toFixed(1))

export function costsText(model: string, recipe: Recipe, costs: JobCosts): string {
  const { trainMs, lightMs, probeMs, replayMs, aggregateMs, aggregateEachMs, evaluateMs, stepMs } = costs
  const { payloadBytes, residualBytes, normMs } = costs
  return [
    `${model}, units of ${recipe.stepsPerUnit} steps of ${recipe.batchSize}, probes of ${recipe.probeSamples}, at most ${recipe.maxUnitsPerRound} a round; milliseconds of one core`,
    `  a unit ${amount(trainMs)}, its replay ${amount(replayMs)}, one step for a ruling ${amount(stepMs)}`,
    `  a light check ${amount(lightMs)}, the base's loss on a probe ${amount(probeMs)}`,
    `  putting n updates together ${amount(aggregateMs)} + n × ${amount(aggregateEachMs)}, a norm ${amount(normMs)}, the held-out score ${amount(evaluateMs)}`,
    `  an update ${payloadBytes} bytes${residualBytes > 0 ? `, what it leaves out ${residualBytes}` : ''}`,
  ].join('\n')
}

export function simulatedText(name: string, { model, nodes, cores }: Scenario, state: string, found: Stretch): string {
  const { cpu, verificationCpuShare, trainingShare, paidTrainingShare, rewardSeconds, reputations } = found
  const all = Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0)
  const agreement = (cpu.aggregating + cpu.evaluating) / all
  const of = (seconds: number): string => percent(seconds / all)
  const isSteady = state === 'steady'
  return [
    `${model}, ${name}, ${nodes} trainers with ${cores} core${cores === 1 ? '' : 's'} each, ${state}: ${found.rounds} rounds, ${found.units} units paid, ${found.unpaid} not, reputation ${reputations.join(' to ')}`,
    `  ${isSteady ? mark(verificationCpuShare <= MAX_VERIFICATION) : ' '} verification ${percent(verificationCpuShare)} of CPU (${percent(found.verificationPerTraining)} of training): light checks ${of(cpu.checking)}, replays ${of(cpu.replaying)} (${percent(found.auditedShare)} of units, ${percent(found.suspectedShare)} as suspicious), rulings ${of(cpu.ruling)}`,
    `    training ${of(cpu.training)}; new parameters and their score, at every node ${percent(agreement)}`,
    `  ${isSteady ? mark(trainingShare >= MIN_TRAINING) : ' '} a node trains ${percent(trainingShare)} of its time, ${percent(paidTrainingShare)} for pay; ${found.gapBlocks} blocks between work and the next`,
    `    verification ${percent(found.verificationBytesShare)} of bytes; commitment to reward ${amount(rewardSeconds.median)} s, at worst ${amount(rewardSeconds.worst)}`,
  ].join('\n')
}

export function realText(models: readonly string[], state: string, found: RealStretch): string {
  const { cpu, verificationCpuShare, trainingShare, rewardSeconds, reputations, seconds } = found
  const of = (part: number): string => percent(part / cpu.all)
  return [
    `${models.join(' and ')}, four processes on this machine, ${state}: ${Math.round(seconds)} s, ${found.units} units paid, ${found.audits} replays, reputation ${reputations.join(' to ')}`,
    `    verification ${percent(verificationCpuShare)} of all CPU: light checks ${of(cpu.checking)}, replays ${of(cpu.replaying)}; training ${of(cpu.training)}, new parameters ${of(cpu.other)}, all else ${of(cpu.all - cpu.training - cpu.checking - cpu.replaying - cpu.other)}`,
    `    a node trains ${percent(trainingShare)} of its time; commitment to reward ${amount(rewardSeconds.median)} s, at worst ${amount(rewardSeconds.worst)}`,
  ].join('\n')
}
