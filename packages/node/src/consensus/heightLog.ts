import { decode, encode, type Hash, HydraError } from '@hydraai/core'
import type { AppendLog } from '@hydraai/storage'
import { type LogRecord, logRecordCodec } from './messages.ts'
import type { InputRecord } from './records.ts'

/**
 * The write-ahead log of one height. A block stands in it whole, once: the same one proposed in round after round must
 * not fill a disk.
 */
export class HeightLog {
  readonly #log: AppendLog
  /** The blocks that the log holds, by what they are proposed as. */
  readonly #blocks = new Map<Hash, Uint8Array>()

  constructor(log: AppendLog) {
    this.#log = log
  }

  /** The height that the log is of, null when it is empty, and its records. @throws HydraError LOG_CORRUPT */
  async read(): Promise<{ height: number | null; records: InputRecord[] }> {
    const [first, ...rest] = (await this.#log.read()).map(record => decode(logRecordCodec, record))
    this.#blocks.clear()
    if (first === undefined || first.type !== 'height') return { height: null, records: [] }
    return { height: first.height, records: rest.flatMap(record => this.#whole(record)) }
  }

  /** Durable when it resolves. */
  async append(record: InputRecord): Promise<void> {
    const known = carriedBy(record)
    const isHeld = known !== null && this.#blocks.has(known.valueId)
    const written = (isHeld ? { ...record, block: null } : record) as LogRecord
    await this.#log.append(encode(logRecordCodec, written))
    if (known !== null) this.#blocks.set(known.valueId, known.block)
  }

  /** Empties the log for a new height. */
  async begin(height: number): Promise<void> {
    this.#blocks.clear()
    await this.#log.reset()
    await this.#log.append(encode(logRecordCodec, { type: 'height', height }))
  }

  #whole(record: LogRecord): InputRecord[] {
    if (record.type === 'height') return []
    if (record.type !== 'proposal' && record.type !== 'value') return [record]
    const valueId = record.type === 'value' ? record.valueId : record.proposal.valueId
    const block = record.block ?? this.#blocks.get(valueId)
    if (block === undefined)
      throw new HydraError('LOG_CORRUPT', `The log of consensus names the block ${valueId} but does not hold it.`)
    this.#blocks.set(valueId, block)
    return [{ ...record, block }]
  }
}

function carriedBy(record: InputRecord): { valueId: Hash; block: Uint8Array } | null {
  if (record.type === 'value') return record
  return record.type === 'proposal' ? { valueId: record.proposal.valueId, block: record.block } : null
}
