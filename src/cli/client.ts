/** A question to a running server, over its unix socket. */
import { connect } from 'node:net'

export interface ServerAnswer {
  status: number
  body: any
}

/** Asks an HTTP route through the endpoint's request mode; throws with the server's words when it refuses. */
export async function ask(socket: string, path: string): Promise<any> {
  const answer = await exchange(socket, JSON.stringify({ mode: 'request', path }))
  if (answer.error !== undefined) throw new Error(answer.error.message)
  if (answer.status >= 400) throw new Error(answer.body?.error?.message ?? `status ${answer.status}`)
  return answer.body
}

function exchange(socket: string, line: string): Promise<any> {
  return new Promise((resolve, reject) => {
    const stream = connect(socket)
    let text = ''
    stream.setEncoding('utf8')
    stream.on('connect', () => stream.write(`${line}\n`))
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.on('end', () => (text.endsWith('\n') ? resolve(JSON.parse(text)) : reject(new Error(`the server at ${socket} hung up`))))
    stream.on('error', (error) => reject(noServer(socket, error)))
  })
}

/** What to say when the connection to a server fails. */
export function noServer(socket: string, error: NodeJS.ErrnoException): Error {
  return new Error(`no server at ${socket}: ${error.code ?? error.message} (start one with: netdouble serve)`)
}
