import { isoMoment, showAgo, showDuration, showMoment } from '../model/time.ts'
import { useNow } from './clock.ts'

/** A moment, as `20 s ago`, with the moment itself on hover. */
export function Ago({ at }: { at: number }) {
  const words = useNow(now => showAgo(at, now))
  return (
    <time dateTime={isoMoment(at)} title={showMoment(at)}>
      {words}
    </time>
  )
}

/** How long something has lasted, such as a connection. */
export function Since({ at }: { at: number }) {
  const words = useNow(now => showDuration(Math.floor((now - at) / 10_000) * 10_000))
  return (
    <time dateTime={isoMoment(at)} title={`since ${showMoment(at)}`}>
      {words}
    </time>
  )
}
