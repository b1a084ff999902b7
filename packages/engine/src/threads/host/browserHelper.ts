// A helper thread in a browser: a dedicated worker that is sent its task as its first message.
import { type HelperTask, help } from './helper.ts'

addEventListener('message', event => help(event.data as HelperTask, note => postMessage(note)), { once: true })
