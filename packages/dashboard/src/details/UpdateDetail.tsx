import { api } from '../api/client.ts'
import type { UpdateDetail as Detail } from '../api/shapes.ts'
import { groupDigits, heightName, showAmount } from '../model/amounts.ts'
import { linkTo } from '../model/route.ts'
import { auditWords, standingOf, verdictWord } from '../model/updates.ts'
import { plural } from '../model/words.ts'
import { Reputation } from '../panels/Peers.tsx'
import { Losses, Paid } from '../panels/Updates.tsx'
import { Ago } from '../parts/Ago.tsx'
import { Id } from '../parts/Id.tsx'
import { Fact } from '../parts/Panel.tsx'
import { Term } from '../parts/Term.tsx'
import { useSlice } from '../store.ts'
import { Asked } from './Asked.tsx'
import { useAnswer } from './useAnswer.ts'

/** One update with all that the ledger knows of it: claims, hashes, verdicts, and its course block by block. */
export function UpdateDetail({ id }: { id: string }) {
  const height = useSlice(state => state.status?.chain.height)
  const answer = useAnswer(id, api.update, height)
  return (
    <Asked answer={answer}>
      {update => (
        <>
          <Facts update={update} />
          <h3>
            <Term name="verdict">Verdicts</Term>
          </h3>
          <Verdicts update={update} />
          {update.dispute !== null && <Dispute update={update} />}
          <h3>Hashes</h3>
          <Hashes update={update} />
          <h3>Its course, oldest first</h3>
          <Course update={update} />
        </>
      )}
    </Asked>
  )
}

function Facts({ update }: { update: Detail }) {
  return (
    <dl className="facts">
      <Fact label={<Term name="unit">Unit</Term>}>{update.label}</Fact>
      <Fact label="State">{standingOf(update).word}</Fact>
      <Fact label="Trainer">
        <Id id={update.trainer} kind="account" name={update.trainerName} />{' '}
        {update.reputation !== null && <Reputation value={update.reputation} />}
      </Fact>
      <Fact label="Model">{update.model}</Fact>
      <Fact label={<Term name="round">Round</Term>}>
        {groupDigits(update.round)}, number {groupDigits(update.unit)} of its trainer
      </Fact>
      <Fact label={<Term name="loss">Loss</Term>}>
        <Losses update={update} />
      </Fact>
      <Fact label="Pay">
        <Paid update={update} /> <span className="unit">HYDRA</span>
      </Fact>
      <Fact label="Size">
        {update.bytes === null ? 'not revealed' : plural(update.bytes, 'byte')}
        {update.bitsPerParameter !== null && (
          <span className="fact-note">{update.bitsPerParameter.toFixed(2)} bits a parameter</span>
        )}
      </Fact>
      <Fact label={<Term name="audit">Audit</Term>}>{auditWords(update)}</Fact>
    </dl>
  )
}

function Verdicts({ update }: { update: Detail }) {
  const { verdicts, outcome } = update
  if (verdicts.length === 0) return <p className="soft">Nobody has been drawn to check it.</p>
  return (
    <ul className="ledger-lines">
      {verdicts.map(({ verifier, verifierName, segments, judgement }) => (
        <li key={verifier}>
          <span>
            <Id id={verifier} kind="account" name={verifierName} />
            <span className="under">{segments > 0 ? `audits ${plural(segments, 'segment')}` : 'light check'}</span>
          </span>
          <span>{verdictWord(judgement, outcome)}</span>
        </li>
      ))}
    </ul>
  )
}

function Dispute({ update: { dispute } }: { update: Detail }) {
  if (dispute === null) return null
  return (
    <>
      <h3>
        <Term name="dispute">Dispute</Term>
      </h3>
      <p>
        {dispute.open
          ? (dispute.question ?? 'It is open.')
          : `It is over: the update was ${dispute.outcome ?? 'decided on'}.`}
      </p>
      <p className="soft">
        Opened in block <a href={linkTo('block', dispute.openedAt)}>{heightName(dispute.openedAt)}</a>
        {dispute.until !== null && <>; to be answered until block {heightName(dispute.until)}</>}. Its moves are in the
        course below.
      </p>
    </>
  )
}

function Hashes({ update }: { update: Detail }) {
  const rows: [string, string | null][] = [
    ['Commitment', update.commitment],
    ['Seal of the claims', update.seal],
    ['Base of its round', update.base],
    ['Payload', update.payload],
    ['Root of its trace', update.traceRoot],
    ['Residual before', update.residualBefore],
    ['Residual after', update.residual],
  ]
  const known = rows.filter(([, hash]) => hash !== null)
  if (known.length === 0) return <p className="soft">This node does not hold the blocks that tell them.</p>
  return (
    <dl className="fields">
      {known.map(([name, hash]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Id id={hash ?? ''} full />
          </dd>
        </div>
      ))}
      <div>
        <dt>Committed by</dt>
        <dd>
          <Id id={update.transaction} kind="transaction" full />
        </dd>
      </div>
    </dl>
  )
}

function Course({ update: { course, complete } }: { update: Detail }) {
  return (
    <>
      {!complete && <p className="soft">This node does not hold all of the blocks that tell of it.</p>}
      {course.length === 0 ? (
        <p className="soft">No line yet.</p>
      ) : (
        <ul className="ledger-lines">
          {course.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of finalised blocks never change
            <li key={at}>
              <span>
                {line.text}
                <span className="under">
                  <a href={linkTo('block', line.height)}>{heightName(line.height)}</a> · <Ago at={line.time} />
                  {line.transaction !== null && (
                    <>
                      {' · '}
                      <Id id={line.transaction} kind="transaction" />
                    </>
                  )}
                </span>
              </span>
              {line.amount !== null && <span className="figure">{showAmount(line.amount)}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
